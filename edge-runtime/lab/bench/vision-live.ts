/** The live half of the vision bench: the whole running service over RTSP cameras, seen from outside. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import type { CameraStatus, TrackFrame } from '@gatehouse/contracts';
import { endProcess, until } from '@gatehouse/harness';
import { LocalClient, readEventStream, socketPath } from '@gatehouse/kit';
import { nodeFlagsOf } from '../demo/process-table.ts';

/** Flags of vision's Node on a box. */
export const visionFlags = nodeFlagsOf('edge-runtime/vision/main.ts');

interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly ticks: number;
  readonly pages: number;
}

/** Every process of this machine; proc(5). */
function processes(): ProcessRow[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        const ticks = fields.slice(11, 15).reduce((sum, value) => sum + Number(value), 0);
        return [{ pid: Number(pid), parent: Number(fields[1]), ticks, pages: Number(fields[21]) }];
      } catch (error) {
        if (error instanceof Error && 'code' in error) return []; // it has ended since the listing
        throw error;
      }
    });
}

/** A process and its children, and those that it has waited for. */
function tree(root: number): ProcessRow[] {
  return processes().filter(({ pid, parent }) => pid === root || parent === root);
}

export interface LiveCamera {
  readonly id: string;
  readonly url: string;
  readonly fps: number;
  readonly decode?: 'adaptive' | 'full';
}

/** A running vision service, its frames and its states. */
export class LiveService {
  readonly frames: { readonly camera: string; readonly atMs: number; readonly heardMs: number }[] = [];
  readonly statuses = new Map<string, CameraStatus>();
  readonly #child: ChildProcess;
  readonly client: LocalClient;
  readonly #onFrame: (frame: TrackFrame) => void;

  private constructor(child: ChildProcess, client: LocalClient, onFrame: (frame: TrackFrame) => void) {
    this.#child = child;
    this.client = client;
    this.#onFrame = onFrame;
  }

  static async start(
    folder: string,
    cameras: readonly LiveCamera[],
    onFrame: (frame: TrackFrame) => void = () => undefined,
  ): Promise<LiveService> {
    const home = mkdtempSync(join(folder, 'service-'));
    const site = join(home, 'site.yaml');
    const name = '{zh-CN: 测试, en: bench}';
    const rows = cameras.map(
      ({ id, url, fps, decode = 'adaptive' }) =>
        `  - {id: ${id}, name: ${name}, url: "${url}", analysis: {fps: ${fps}, decode: ${decode}}}\n`,
    );
    writeFileSync(
      site,
      `version: 1\nsite: {id: bench, name: ${name}}\nbox: {id: bench}\ncameras:\n${rows.join('')}`,
    );
    const env = {
      ...process.env,
      GATEHOUSE_SITE: site,
      GATEHOUSE_STATE_DIR: folder,
      GATEHOUSE_RUN_DIR: home,
    };
    const args = [...visionFlags, join(import.meta.dirname, '../../vision/main.ts')];
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
    const client = new LocalClient('vision', socketPath('vision', 'runtime', env));
    const service = new LiveService(child, client, onFrame);
    void service.#listen();
    return service;
  }

  /** CPU-seconds since its start, children included. */
  cpuSeconds(): number {
    return tree(this.#child.pid ?? 0).reduce((sum, { ticks }) => sum + ticks, 0) / 100;
  }
  /** Resident bytes of it and its children. */
  residentBytes(): number {
    return tree(this.#child.pid ?? 0).reduce((sum, { pages }) => sum + pages * 4096, 0);
  }

  /** Waits until something holds; throws after `withinS`. */
  async until(what: string, holds: () => boolean, withinS: number): Promise<void> {
    await until(what, holds, { withinMs: withinS * 1000, everyMs: 100 });
  }

  async stop(): Promise<void> {
    await endProcess(this.#child);
  }

  async #listen(): Promise<void> {
    for (let tries = 0; tries < 300; tries++) {
      try {
        for await (const { event, data } of readEventStream(await this.client.open('GET', '/events')))
          this.#take(event, data);
      } catch (error) {
        if (this.#child.exitCode !== null) return;
        if (!(error instanceof Error)) throw error;
      }
      await delay(100);
    }
  }

  #take(event: string, data: unknown) {
    if (event === 'track-frame') {
      const { camera, atMs } = data as TrackFrame;
      this.frames.push({ camera, atMs, heardMs: Date.now() });
      this.#onFrame(data as TrackFrame);
    } else if (event === 'camera') {
      const status = data as CameraStatus;
      this.statuses.set(status.id, status);
    }
  }
}

/** Simulated cameras in a process of their own, and their control. */
export interface Simulator {
  url(path: string): string;
  misbehave(path: string, kind: string): Promise<void>;
  heal(path: string): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts the RTSP simulator; `streams` are paths and the clip that each plays, `alternates` the clip after
 * the command `change`.
 */
export async function startSimulator(
  streams: Readonly<Record<string, string>>,
  alternates: Readonly<Record<string, string>> = {},
): Promise<Simulator> {
  const controlPort = 20_000 + Math.floor(Math.random() * 20_000);
  const options = (name: string, clips: Readonly<Record<string, string>>) =>
    Object.entries(clips).flatMap(([path, clip]) => [name, `${path}=${clip}`]);
  const paths = [...options('--stream', streams), ...options('--alternate', alternates)];
  const program = join(import.meta.dirname, '../camera-simulator/main.ts');
  const child = spawn(
    process.execPath,
    [program, '--port', '0', '--control-port', String(controlPort), ...paths],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let base: string | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    base ??= /rtsp:\/\/[^\s/"]+/.exec(line)?.[0];
    if (line.startsWith('control at')) break;
  }
  child.stdout.resume();
  if (!base) throw new Error('the camera simulator printed no address');
  const post = async (route: string, body: unknown) => {
    const answer = await fetch(`http://127.0.0.1:${controlPort}${route}`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${route}: ${await answer.text()}`);
  };
  return {
    url: (path) => `${base}/${path}`,
    misbehave: (stream, kind) => post('/misbehave', { stream, kind }),
    heal: (stream) => post('/heal', { stream }),
    stop: () => endProcess(child),
  };
}
