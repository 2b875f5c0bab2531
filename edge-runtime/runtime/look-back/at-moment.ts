import type { Camera, CameraView, Watched, Zone } from '@gatehouse/contracts';
import { type Candidate, type EngineOptions, IncidentEngine } from '@gatehouse/incidents';
import type { ReadSegment } from '@gatehouse/store';

/** A candidate as pages get it, without the rule's own state. */
export function watched(candidate: Candidate): Watched {
  const { kind, zone, occupancy, phase, class: name, box, sinceMs, gates } = candidate;
  return { kind, zone, occupancy, phase, class: name, box, sinceMs, gates: [...gates] };
}

/** The camera with other zones. */
export function withZones(camera: Camera, zones: readonly Zone[]): Camera {
  return { ...camera, zones: [...zones] };
}

/**
 * The rules' view of a moment and their conclusions. They are run again over the stored frames up to it, from
 * the state that the segment begins with and under the zones that were in force. Without a segment nothing is
 * known.
 * @param segment the segment that holds `atMs`
 * @param atMs on the frame timeline, ms
 */
export function atMoment(
  camera: Camera,
  calendar: EngineOptions,
  segment: ReadSegment | undefined,
  atMs: number,
): CameraView {
  const nothing = { camera: camera.id, tracks: [], watched: [], zones: camera.zones };
  if (!segment) return nothing;
  const zones = [...segment.opening.zones];
  const engine = new IncidentEngine([withZones(camera, zones)], calendar);
  engine.restore(segment.opening.state);
  engine.fireAlarm = segment.opening.fireAlarm ?? false;
  const frames = segment.frames.filter((frame) => frame.atMs <= atMs);
  for (const frame of frames) engine.step(frame);
  const last = frames.at(-1);
  if (!last) return { ...nothing, zones };
  return {
    camera: camera.id,
    atMs: last.atMs,
    ageMs: atMs - last.atMs,
    tracks: last.tracks,
    watched: engine.candidates(camera.id).map(watched),
    zones,
  };
}
