import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isWellBesidesProcessor, ServiceHealth } from '@gatehouse/contracts';
import { freePort, Program } from '@gatehouse/harness';
import { LocalClient, socketPath } from '@gatehouse/kit';
import { z } from 'zod';

const root = join(import.meta.dirname, '..', '..', '..');
const Services = z.object({ services: z.record(z.string(), ServiceHealth) });

/** A camera's place in its playlist: the clip's number, and seconds since it began. */
export interface ClipPosition {
  readonly clip: number;
  readonly seconds: number;
}

/** `npm start` as a test runs it: the whole box and its simulated world, in folders of its own. */
export class DemoBox {
  readonly stateDir = mkdtempSync(join(tmpdir(), 'gh-box-'));
  readonly runDir = mkdtempSync(join(tmpdir(), 'gh-r-'));
  readonly #changes: Readonly<Record<string, string | undefined>>;
  #program: Program | undefined;
  #port = 0;

  /** `changes` to this process's environment; `undefined` takes a variable out. */
  constructor(changes: Readonly<Record<string, string | undefined>> = {}) {
    this.#changes = changes;
  }

  get address(): string {
    return `http://127.0.0.1:${this.#port}`;
  }
  get output(): string {
    return this.#program?.output ?? '';
  }

  /** Process id of the supervisor; 0 before it was started. */
  get pid(): number {
    return this.#program?.pid ?? 0;
  }

  /**
   * Resolves when every service is well, apart from a shortage of processor; rejects when the box ends
   * before.
   */
  async start(limitMs: number): Promise<void> {
    this.#port = await freePort();
    const program = Program.ofNode(['edge-runtime/lab/demo/main.ts'], { cwd: root, env: this.environment() });
    this.#program = program.start();
    await program.until('the box is well', () => this.isWell(), { withinMs: limitMs, everyMs: 250 });
  }

  /**
   * True if the console answers and every service is well. A shortage of processor does not count: a busy
   * machine may have one for hours.
   */
  async isWell(): Promise<boolean> {
    const answer = await fetch(`${this.address}/api/health`).catch(() => undefined);
    if (!answer?.ok) return false;
    const client = new LocalClient('runtime', socketPath('runtime', 'cli', this.environment()));
    const health = await client.call('GET', '/health').catch(() => undefined);
    const services = Services.safeParse(health).data?.services;
    return services !== undefined && Object.values(services).every(isWellBesidesProcessor);
  }

  /** The environment that the command line needs to talk to this box. */
  environment(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      ...this.#changes,
      GATEHOUSE_STATE_DIR: this.stateDir,
      GATEHOUSE_RUN_DIR: this.runDir,
      GATEHOUSE_CONSOLE_PORT: String(this.#port),
      GATEHOUSE_EDITOR_PORT: undefined,
      GATEHOUSE_SITE: '',
    };
  }

  /** Runs a verb of the command line against this box and returns its JSON lines. */
  async cli(...args: string[]): Promise<Record<string, unknown>[]> {
    const child = spawn(process.execPath, ['edge-runtime/cli/main.ts', ...args, '--json'], {
      cwd: root,
      env: this.environment(),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    await once(child, 'close');
    const lines = Buffer.concat(chunks).toString().split('\n').filter(Boolean);
    return lines.map((line) => JSON.parse(line));
  }

  /**
   * A simulated camera's place in its playlist now. The greeting, which names the simulator's port, must have
   * come.
   */
  async cameraPosition(stream: string): Promise<ClipPosition> {
    const port = /:(\d+)\/misbehave/.exec(this.output)?.[1];
    const answer = await fetch(`http://127.0.0.1:${port}/streams`);
    const streams = (await answer.json()) as { stream: string; position: ClipPosition }[];
    const found = streams.find((one) => one.stream === stream);
    if (!found) throw new Error(`no stream ${stream} at port ${port}`);
    return found.position;
  }

  /** Stops it as Ctrl+C or a service manager would; resolves to the exit code. */
  async stop(): Promise<number | null> {
    return this.#program?.end() ?? null;
  }

  cleanUp(): void {
    rmSync(this.stateDir, { recursive: true, force: true });
    rmSync(this.runDir, { recursive: true, force: true });
  }

  /** The processes that the supervisor runs now: command lines and their users. */
  services(): { readonly command: string; readonly user: number }[] {
    return pidsOfThisMachine()
      .map((pid) => ({ pid, status: readProc(`/proc/${pid}/status`) }))
      .filter(({ status }) => new RegExp(`^PPid:\\t${this.pid}$`, 'm').test(status))
      .map(({ pid, status }) => ({
        command: readProc(`/proc/${pid}/cmdline`).split('\0').filter(Boolean).join(' '),
        user: Number(/^Uid:\t(\d+)/m.exec(status)?.[1]),
      }));
  }

  /** Command lines and environments of processes of this machine that contain a text. */
  processesWith(text: string): string[] {
    return pidsOfThisMachine()
      .filter((pid) => pid !== String(process.pid))
      .flatMap((pid) =>
        ['cmdline', 'environ'].map((file) => ({ pid, file, content: readProc(`/proc/${pid}/${file}`) })),
      )
      .filter(({ content }) => content.includes(text))
      .map(({ pid, file, content }) => `${pid} ${file}: ${content.replaceAll('\0', ' ').slice(0, 200)}`);
  }
}

function pidsOfThisMachine(): string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
}

function readProc(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // The process ended meanwhile, or is not ours to look into.
    return '';
  }
}
