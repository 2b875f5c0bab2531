import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runDir } from '@gatehouse/kit';
import { peersAnnounced } from './allowed.ts';
import type { Driven } from './drive.ts';
import { checkout, enclosed, type Recording } from './enclosure.ts';

/** Folders where the enclosed box keeps its state, its sockets, and a site file of its own. */
export const stateDir = '/srv/gatehouse/state';
const run = runDir({ GATEHOUSE_STATE_DIR: stateDir });
const siteFile = '/srv/gatehouse/site.yaml';
/** The folder where npm keeps its downloads, on any machine on which it has installed the packages. */
const npmCache = '/home/operator/.npm';

export interface BoxRun {
  readonly what: 'demo' | 'site';
  /** At least; the demo runs until its first incident has gone all the way. */
  readonly seconds: number;
  /**
   * The user who starts it; root, if absent. Flows have no network then, and their requests would not be
   * seen.
   */
  readonly user?: number;
  readonly telemetryOn?: boolean;
  /** Text of the site file for `site`. */
  readonly site?: string;
}

export interface BoxRecording extends Recording {
  readonly driven: Driven;
  /** Hosts that `npm start` said it would ask. */
  readonly announced: readonly string[];
}

/** Folders that a box may write to: its state with its logs, and its sockets. */
export const ownDirectories = [stateDir, run];

/** Runs `npm start` in an enclosure, uses the box, and stops it. */
export async function enclosedBox({
  what,
  seconds,
  user = 0,
  telemetryOn,
  site = '',
}: BoxRun): Promise<BoxRecording> {
  const drive = join(checkout, 'edge-runtime/lab/e2e/enclosure/drive.ts');
  const recording = await enclosed([process.execPath, drive, what, String(seconds)], {
    user,
    directories: [...ownDirectories, npmCache],
    files: { ...(what === 'site' ? { [siteFile]: site } : {}), ...(telemetryOn ? withoutWalls() : {}) },
    withinMs: (seconds + 300) * 1000,
    env: { GATEHOUSE_STATE_DIR: stateDir, ...(what === 'site' ? { GATEHOUSE_SITE: siteFile } : {}) },
  });
  if (recording.status !== 0) throw new Error(`the box did not run:\n${recording.stderr}`);
  const line = recording.stdout.trim().split('\n').at(-1) ?? '';
  return { ...recording, driven: JSON.parse(line), announced: peersAnnounced(recording.stderr) };
}

/** Each file that turns the telemetry off, as it would be without that, by its path. */
function withoutWalls(): Record<string, string> {
  const walls = [
    ['edge-runtime/onnx/telemetry-off.ts', /^if \(isMainThread\)[\s\S]*/m],
    ['edge-runtime/lab/demo/process-table.ts', ", { ORT_DISABLE_TELEMETRY: '1' }"],
    ['edge-runtime/bootstrap/run.mjs', "process.env.ORT_DISABLE_TELEMETRY = '1';"],
  ] as const;
  return Object.fromEntries(
    walls.map(([name, wall]) => {
      const path = join(checkout, name);
      const text = readFileSync(path, 'utf8');
      const open = text.replace(wall, '');
      if (open === text) throw new Error(`${name} has no such wall`);
      return [path, open];
    }),
  );
}
