import { type Camera, type Finding, TrackFrame } from '@gatehouse/contracts';
import { errorOf, type GatehouseError } from '@gatehouse/kit';
import { type EngineOptions, IncidentEngine } from './engine.ts';
import { incidentId } from './incident.ts';

/**
 * Ids of a replay are named in this scope: the same tracks give the same ids, and never those of a live box.
 */
const replayScope = 'replay';

/** The command line's JSON line for an incident change; `t` in seconds of the clip. No line end. */
export function replayLine(finding: Finding, scope: string = replayScope): string {
  const { kind, phase, zone, evidence } = finding;
  const t = Math.round(evidence.atMs) / 1000;
  return JSON.stringify({ t, incident: incidentId(scope, finding), kind, phase, zone, evidence });
}

/**
 * Replays recorded tracks, one `TrackFrame` a line, into lines of incident changes; the same bytes on every
 * run. Throws `TRACKS_INVALID` at the first line that is no frame of a camera of the site, naming the line.
 */
export async function* replayTracks(
  lines: AsyncIterable<string>,
  cameras: readonly Camera[],
  options: EngineOptions = {},
): AsyncGenerator<string> {
  const engine = new IncidentEngine(cameras, options);
  let number = 0;
  for await (const line of lines) {
    number++;
    if (line.trim() === '') continue;
    for (const finding of engine.step(frameOf(line, number, cameras))) yield replayLine(finding);
  }
}

function frameOf(line: string, number: number, cameras: readonly Camera[]): TrackFrame {
  const parsed = TrackFrame.safeParse(jsonOf(line, number));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw invalid(number, `${issue?.path.join('.') || 'frame'}: ${issue?.message}`);
  }
  if (!cameras.some((camera) => camera.id === parsed.data.camera))
    throw invalid(number, `camera "${parsed.data.camera}" is not in the site file`);
  return parsed.data;
}

function jsonOf(line: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw invalid(number, 'is no JSON', cause);
  }
}

function invalid(line: number, what: string, cause?: unknown): GatehouseError {
  return errorOf('TRACKS_INVALID', { line, what }, { cause });
}
