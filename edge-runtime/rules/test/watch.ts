import {
  type Box,
  type ObjectClass,
  type Point,
  type Prompt,
  type Track,
  ZoneRule,
} from '@gatehouse/contracts';
import { Calendar, type Moment, type Rule, type RuleState, rules } from '../index.ts';

export const square = (cx: number, bottom: number, size = 0.1): Box => ({
  x1: cx - size / 2,
  y1: bottom - size,
  x2: cx + size / 2,
  y2: bottom,
});

export function seenAs(objectClass: ObjectClass, id: number, box: Box): Track {
  return { id, class: objectClass, score: 0.8, box, seen: true, still: false };
}
export const car = (id: number, box: Box) => seenAs('car', id, box);
/** Somebody whose feet are at a point, 0.2 of the picture high. */
export const person = (id: number, x: number, y: number, height = 0.2) =>
  seenAs('person', id, { x1: x - 0.03, y1: y - height, x2: x + 0.03, y2: y });

export const lane: Point[] = [
  [0.1, 0.3],
  [0.9, 0.3],
  [0.9, 0.95],
  [0.1, 0.95],
];

/** Runs one rule of one zone over frames from a script and keeps its findings, as `phase@seconds`. */
export class Watch {
  readonly said: { phase: string; t: number; priority: number; key: string; gates: Map<string, unknown> }[] =
    [];
  readonly prompts: Prompt[] = [];
  readonly polygon: Point[];
  readonly params: ZoneRule;
  readonly rule: Rule<ZoneRule, RuleState>;
  state: RuleState;
  t = 0;
  stepS = 0.2;
  fireAlarm = false;
  aspect = 16 / 9;
  /** RFC 3339 at time 0; unknown if empty. */
  startsAt = '';
  calendar = new Calendar('Asia/Shanghai', []);

  constructor(params: { kind: string; [name: string]: unknown }, polygon: Point[] = lane) {
    this.polygon = polygon;
    this.params = ZoneRule.parse(params);
    this.rule = rules[this.params.kind];
    this.state = this.rule.initial;
  }

  get context() {
    const zone = {
      id: 'lane',
      name: { 'zh-CN': '通道', en: 'lane' },
      polygon: this.polygon,
      rules: [this.params],
    };
    const moment: Moment = {
      local: this.startsAt === '' ? null : this.calendar.at(Date.parse(this.startsAt) + this.t * 1000),
      fireAlarm: this.fireAlarm,
      aspect: this.aspect,
    };
    return { camera: 'east', zone, params: this.params, ordinal: 0, moment };
  }

  frame(tracks: readonly Track[]): void {
    const frame = { camera: 'east', atMs: Math.round(this.t * 1000), tracks: [...tracks] };
    const { state, findings, prompts } = this.rule.step(this.state, frame, this.context);
    // As a stored state does, it goes through JSON.
    this.state = JSON.parse(JSON.stringify(state));
    this.prompts.push(...prompts);
    for (const { phase, priority, occupancy, evidence } of findings)
      this.said.push({
        phase,
        t: evidence.atMs / 1000,
        priority,
        key: occupancy,
        gates: new Map(evidence.gates.map(({ name, value }) => [name, value])),
      });
  }

  until(endS: number, script: (t: number) => Track[]): this {
    for (; this.t < endS - 1e-9; this.t = Math.round((this.t + this.stepS) * 1000) / 1000)
      this.frame(script(this.t));
    return this;
  }

  /** No frames until then. */
  pause(toS: number): this {
    this.t = toS;
    return this;
  }

  get story(): string[] {
    return this.said.map(({ phase, t }) => `${phase}@${t}`);
  }

  /** Gates of the first candidate that are not passed: why there is no incident. */
  get whyNot(): string[] {
    const [first] = this.rule.explain(this.state, this.context);
    return (first?.gates ?? []).filter(({ passed }) => !passed).map(({ name }) => name);
  }
}
