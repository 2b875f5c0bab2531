import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type Box, Camera, type Evidence, type Finding, iou, type ObjectClass } from '@gatehouse/contracts';
import { IncidentEngine } from '@gatehouse/incidents';
import { analyseClip, foregroundStage, loadDetector, probeClip, Tracker } from '@gatehouse/vision';
import type { QuietClip, RuleName } from './stays-clips.ts';

/** Seconds of standing that make an incident, for both rules. */
const thresholdS = 30;
/** Two incidents of the two rules are one stay from this overlap of their boxes on. */
const sameFrom = 0.5;

/** Something that the rules took for a standing vehicle, or for a thing left behind. Seconds of the film. */
export interface Stay {
  readonly rules: readonly string[];
  readonly class: ObjectClass | undefined;
  /** Fractions of the picture, when the incident was opened. */
  readonly box: Box | undefined;
  readonly sinceS: number;
  readonly openedS: number;
  /** Null: still open at the film's end. */
  readonly clearedS: number | null;
  /** From its first frame to its clearing or the film's end. */
  readonly dwellS: number;
  /** The conditions of the first incident as it was opened: name and value. */
  readonly conditions: Readonly<Record<string, string | number | boolean>>;
}

export interface Watched {
  readonly stays: readonly Stay[];
  /** Analysed frames. */
  readonly frames: number;
}

export type Watch = Pick<QuietClip, 'zone' | 'rules'> & {
  /** The film's file. */
  readonly film: string;
  /** A model of the catalogue. */
  readonly model: string;
  /** Most frames analysed a second. */
  readonly fps: number;
};

/** Plays a film through decoder, detector, tracker, search for left things and rules. */
export async function watchFilm({ film, model, fps, zone, rules }: Watch): Promise<Watched> {
  const camera = cameraWith(zone, rules);
  const engine = new IncidentEngine([camera]);
  const detector = await loadDetector(model, { picture: await probeClip(film) });
  const findings: Finding[] = [];
  let frames = 0;
  let endMs = 0;
  try {
    const clip = { file: film, camera: camera.id, detector, tracker: new Tracker(), fps };
    for await (const frame of analyseClip({ ...clip, stage: foregroundStage(camera) })) {
      findings.push(...engine.step(frame));
      frames++;
      endMs = frame.atMs;
    }
  } finally {
    await detector.close();
  }
  return { stays: staysIn(findings, endMs), frames };
}

function cameraWith(zone: QuietClip['zone'], rules: readonly RuleName[]): Camera {
  const name = { 'zh-CN': '测试', en: 'bench' };
  const parameters = {
    'illegal-parking': { kind: 'illegal-parking', violationAfterS: thresholdS },
    'fire-passage': { kind: 'fire-passage', alarmAfterS: thresholdS, objectAfterS: thresholdS },
  };
  const zones = [{ id: 'all', name, polygon: zone, rules: rules.map((rule) => parameters[rule]) }];
  return Camera.parse({ id: 'bench', name, url: 'rtsp://127.0.0.1/', zones });
}

/** The stays behind a film's findings. One thing that both rules tell of is one stay. */
export function staysIn(findings: readonly Finding[], endMs: number): Stay[] {
  const clearings = new Map(
    findings
      .filter(({ phase }) => phase === 'cleared')
      .map((finding) => [nameOf(finding), finding.evidence.atMs]),
  );
  const stays: { first: Finding; rules: string[]; clearedMs: number | undefined }[] = [];
  for (const finding of findings.filter(({ phase }) => phase === 'opened')) {
    const clearedMs = clearings.get(nameOf(finding));
    const same = stays.find(
      (stay) =>
        (stay.clearedMs ?? endMs) >= finding.evidence.atMs &&
        !stay.rules.includes(finding.kind) &&
        areAlike(stay.first.evidence, finding.evidence),
    );
    if (!same) {
      stays.push({ first: finding, rules: [finding.kind], clearedMs });
      continue;
    }
    same.rules.push(finding.kind);
    same.clearedMs =
      same.clearedMs === undefined || clearedMs === undefined
        ? undefined
        : Math.max(same.clearedMs, clearedMs);
  }
  return stays.map(({ first: { evidence }, rules, clearedMs }) => ({
    rules,
    class: evidence.class,
    box: evidence.box,
    sinceS: seconds(evidence.sinceMs),
    openedS: seconds(evidence.atMs),
    clearedS: clearedMs === undefined ? null : seconds(clearedMs),
    dwellS: seconds((clearedMs ?? endMs) - evidence.sinceMs),
    conditions: Object.fromEntries(evidence.gates.map(({ name, value }) => [name, value])),
  }));
}

function nameOf({ kind, occupancy }: Finding): string {
  return `${kind} ${occupancy}`;
}

function areAlike(a: Evidence, b: Evidence): boolean {
  return a.box !== undefined && b.box !== undefined && iou(a.box, b.box) >= sameFrom;
}

function seconds(ms: number): number {
  return Math.round(ms / 10) / 100;
}

/** Writes the film's picture at the moment in which a stay became an incident, with its box in red. */
export async function saveStill(film: string, { openedS, box }: Stay, file: string): Promise<void> {
  const { x1, y1, x2, y2 } = box ?? { x1: 0, y1: 0, x2: 1, y2: 1 };
  const edges = `x=iw*${x1}:y=ih*${y1}:w=iw*${x2 - x1}:h=ih*${y2 - y1}`;
  const still = [
    '-ss',
    String(openedS),
    '-i',
    film,
    '-frames:v',
    '1',
    '-vf',
    `drawbox=${edges}:color=red:t=2`,
  ];
  await promisify(execFile)('ffmpeg', ['-nostdin', '-v', 'error', '-y', ...still, file]);
}
