import { Camera, type Finding, type Track, type TrackFrame } from '@gatehouse/contracts';
import { framesOf, type SceneFrame } from './frames.ts';
import type { Found } from './oracle.ts';
import { type Script, zonePolygon } from './script.ts';

/** What scenes are run through: the engine, or a faulty variant of it. */
export interface EngineLike {
  step(frame: TrackFrame): Finding[];
  snapshot(): unknown;
  restore(stored: unknown): unknown;
}
export type EngineFactory = (cameras: readonly Camera[]) => EngineLike;

export function cameraOf(script: Pick<Script, 'violationS' | 'clearS'>): Camera {
  const name = { 'zh-CN': '测试', en: 'test' };
  const rule = { kind: 'illegal-parking', violationAfterS: script.violationS, clearAfterS: script.clearS };
  const zones = [{ id: 'lane', name, polygon: zonePolygon, rules: [rule] }];
  return Camera.parse({ id: 'east', name, url: 'rtsp://127.0.0.1/', zones });
}

/** Runs a scene; a restart goes through JSON, as a stored state does. `retrack` replaces the script's own tracks. */
export function findingsOf(
  script: Script,
  create: EngineFactory,
  retrack: (frame: SceneFrame) => Track[] = (frame) => [...frame.tracks],
): Finding[] {
  const cameras = [cameraOf(script)];
  let engine = create(cameras);
  return [...framesOf(script)].flatMap((frame) => {
    if (frame.restarted) {
      const stored = JSON.parse(JSON.stringify(engine.snapshot()));
      engine = create(cameras);
      engine.restore(stored);
    }
    return engine.step({ camera: 'east', atMs: frame.atMs, tracks: retrack(frame) });
  });
}

export function asFound(findings: readonly Finding[]): Found[] {
  return findings.map(({ phase, occupancy, evidence: { atMs, box } }) => ({
    phase,
    occupancy,
    t: atMs / 1000,
    x: box ? (box.x1 + box.x2) / 2 : Number.NaN,
  }));
}
