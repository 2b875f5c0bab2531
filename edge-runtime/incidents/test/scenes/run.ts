import { Camera, type Finding, type Prompt, type Track, type TrackFrame } from '@gatehouse/contracts';
import { framesOf, type SceneFrame } from './frames.ts';
import type { Found } from './oracle.ts';
import { type Script, zonePolygon } from './script.ts';

/** The engine that scenes run through, or a faulty variant of it. */
export interface EngineLike {
  advance(frame: TrackFrame): { readonly findings: readonly Finding[]; readonly prompts: readonly Prompt[] };
  snapshot(): unknown;
  restore(stored: unknown): unknown;
}
export type EngineFactory = (cameras: readonly Camera[]) => EngineLike;

export function cameraOf({
  rule,
  violationS,
  clearS,
}: Pick<Script, 'rule' | 'violationS' | 'clearS'>): Camera {
  const stages = { voiceAfterS: violationS / 2, alarmAfterS: violationS, escalateAfterS: 1.5 * violationS };
  const own = rule === 'illegal-parking' ? { violationAfterS: violationS } : stages;
  return cameraWith({ kind: rule, clearAfterS: clearS, ...own });
}

/** A camera whose one zone, that of the scenes, has one rule. */
export function cameraWith(rule: { readonly kind: string; readonly [name: string]: unknown }): Camera {
  const name = { 'zh-CN': '测试', en: 'test' };
  const zones = [{ id: 'lane', name, polygon: zonePolygon, rules: [rule] }];
  return Camera.parse({ id: 'east', name, url: 'rtsp://127.0.0.1/', zones });
}

/**
 * Runs a scene; a restart goes through JSON, as a stored state does. `retrack` replaces the script's own
 * tracks.
 */
export function findingsOf(
  script: Script,
  create: EngineFactory,
  retrack: (frame: SceneFrame) => Track[] = (frame) => [...frame.tracks],
): Found[] {
  return play(framesOf(script), cameraOf(script), create, retrack);
}

/** Runs one camera's rules over the frames of a scene. */
export function play(
  frames: Iterable<SceneFrame>,
  camera: Camera,
  create: EngineFactory,
  retrack: (frame: SceneFrame) => Track[] = (frame) => [...frame.tracks],
): Found[] {
  let engine = create([camera]);
  return [...frames].flatMap((frame) => {
    if (frame.restarted) {
      const stored = JSON.parse(JSON.stringify(engine.snapshot()));
      engine = create([camera]);
      engine.restore(stored);
    }
    const { findings, prompts } = engine.advance({
      camera: 'east',
      atMs: frame.atMs,
      tracks: retrack(frame),
      ...(frame.places ? { places: [...frame.places] } : {}),
    });
    return [
      ...prompts.map((prompt) => asFound({ ...prompt, phase: 'voice', priority: 3 })),
      ...findings.map(asFound),
    ];
  });
}

function asFound({
  phase,
  occupancy,
  priority,
  evidence: { atMs, box },
}: Pick<Finding, 'occupancy' | 'priority' | 'evidence'> & { readonly phase: string }): Found {
  const x = box ? (box.x1 + box.x2) / 2 : Number.NaN;
  return { phase, occupancy, priority, t: atMs / 1000, x, y: box?.y2 ?? Number.NaN };
}
