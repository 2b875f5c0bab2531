/** Scenarios through the product's rules. */
import { Camera, type Finding, type TrackFrame } from '@gatehouse/contracts';
import { IncidentEngine, replayLine } from '@gatehouse/incidents';
import { rules } from '@gatehouse/rules';
import type { ExpectedIncident, Sidecar } from '../../sim/scenario/index.ts';
import { type Change, judge, type Raised, raisedBy, type Score } from './judge.ts';

/** The camera that watches a scenario, and which of its rules the product does not have (yet). */
export interface Watch {
  readonly camera: Camera;
  readonly expected: readonly ExpectedIncident[];
  readonly unknownKinds: readonly string[];
}

/** A camera with the scenario's zones, and with those of its rules that the product knows. */
export function watchOf({
  scenario,
  zones,
  expected,
}: Pick<Sidecar, 'scenario' | 'zones' | 'expected'>): Watch {
  const known = (kind: unknown) => typeof kind === 'string' && Object.hasOwn(rules, kind);
  const kinds = zones.flatMap((zone) => zone.rules.map((rule) => String(rule.kind)));
  const camera = Camera.parse({
    id: scenario,
    name: { 'zh-CN': scenario, en: scenario },
    url: 'rtsp://127.0.0.1/',
    zones: zones.map((zone) => ({ ...zone, rules: zone.rules.filter((rule) => known(rule.kind)) })),
  });
  return {
    camera,
    expected: expected.filter(({ kind }) => known(kind)),
    unknownKinds: [...new Set(kinds)].filter((kind) => !known(kind)),
  };
}

/** The engine, or a faulty variant of it. */
export interface EngineLike {
  step(frame: TrackFrame): Finding[];
}

/** Steps an engine over track frames and judges the incidents that it raised. */
export function scoreOf(
  { camera, expected }: Watch,
  frames: readonly TrackFrame[],
  create: (cameras: readonly Camera[]) => EngineLike = (cameras) => new IncidentEngine(cameras),
): { readonly score: Score; readonly raised: readonly Raised[] } {
  const engine = create([camera]);
  const changes = frames.flatMap((frame) =>
    engine.step(frame).map((finding): Change => JSON.parse(replayLine(finding))),
  );
  const raised = raisedBy(changes);
  return { score: judge(expected, raised), raised };
}
