import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { type Package, Registry } from './registry.ts';

const bootstrap = join(import.meta.dirname, '..');
const host = join(bootstrap, '..', '..', 'node_modules', '.bin');
const version = '24.0.0';
/**
 * The package that brings the Node of everything; as in the real lock file it is optional, and made for one
 * machine.
 */
export const pinned = `node-linux-${process.arch}`;
const thisMachine = { os: ['linux'], cpu: [process.arch] };

/** A program that every command of the fake checkout runs instead of the product: it prints what it found. */
const verb = `import { existsSync } from 'node:fs';
const sleep = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
if (process.env.FAKE_BUSY) process.stdout.write('\\n');
while (process.env.FAKE_BUSY && existsSync(process.env.FAKE_BUSY)) sleep();
process.stdout.write(JSON.stringify({
  ran: process.argv.slice(2),
  telemetry: process.env.ORT_DISABLE_TELEMETRY,
  node: process.env.FAKE_PINNED }) + '\\n');`;

const program = (name: string, file: string): Package => ({
  name,
  version,
  files: { [file]: `process.stdout.write('${name} ran\\n');` },
});

/**
 * Packages of nothing much, so that there is something in the middle of which an install can be broken off.
 */
const fillers = Array.from({ length: 12 }, (_, i) => ({
  name: `filler-${i}`,
  version,
  files: Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`lib/${n}.js`, `// ${i} ${n}\n`])),
}));

const packages: readonly Package[] = [
  {
    name: pinned,
    version,
    files: { 'bin/node': `#!/bin/sh\nFAKE_PINNED=yes exec ${process.execPath} "$@"\n` },
  },
  program('@biomejs/biome', 'bin/biome'),
  program('typescript', 'bin/tsc'),
  ...fillers,
];

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  /** The lines that the person was shown. */
  readonly said: readonly string[];
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** All of what it has written on stderr by now. */
  readonly soFar: () => string;
}

/**
 * A checkout with the real bootstrap, a lock file of small packages, a registry for a real npm, and nothing
 * installed.
 */
export class FakeCheckout {
  readonly dir = mkdtempSync(join(tmpdir(), 'checkout-'));
  readonly root = join(this.dir, 'checkout');
  readonly registry = new Registry(packages);
  readonly #running = new Set<ChildProcess>();

  async start(): Promise<void> {
    await this.registry.start();
    cpSync(bootstrap, join(this.root, 'edge-runtime/bootstrap'), {
      recursive: true,
      filter: (path) => path !== import.meta.dirname,
    });
    const wanted = this.registry.packages;
    const versions = wanted.map(({ name }) => [name, version] as const);
    const manifest = {
      name: 'fake',
      version: '0.0.0',
      private: true,
      type: 'module',
      dependencies: Object.fromEntries(versions.filter(([name]) => name !== pinned)),
      optionalDependencies: { [pinned]: version },
    };
    this.write('package.json', JSON.stringify(manifest));
    const installed = wanted.map(({ name, integrity }) => [
      `node_modules/${name}`,
      { version, integrity, ...(name === pinned ? { optional: true, ...thisMachine } : {}) },
    ]);
    const lock = { lockfileVersion: 3, packages: { '': manifest, ...Object.fromEntries(installed) } };
    this.write('package-lock.json', JSON.stringify({ ...manifest, ...lock }));
    this.write('edge-runtime/bootstrap/debian-packages.txt', '# none\n');
    this.write('edge-runtime/cli/main.ts', verb);
    this.write('edge-runtime/console/web/build.ts', verb);
    this.write('edge-runtime/a/test/a.test.ts', verb);
  }

  /** Ends the processes that still run. */
  stop(): void {
    for (const child of this.#running) killTree(child);
    this.registry.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }

  readonly write = (path: string, text: string): void => {
    const file = join(this.root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  };

  /** Starts a command that runs until it is let go; `started` resolves once its program runs. */
  busy(): { readonly running: Running; readonly started: Promise<void>; readonly letGo: () => void } {
    const file = join(this.dir, 'busy');
    writeFileSync(file, '');
    const running = this.run('cli', { env: { FAKE_BUSY: file } });
    const started = new Promise<void>((resolve) => running.child.stdout?.once('data', () => resolve()));
    return { running, started, letGo: () => rmSync(file) };
  }

  /**
   * Environment in which the real npm uses the registry of this checkout, and nothing of this machine's
   * settings.
   */
  environment(): NodeJS.ProcessEnv {
    const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== host);
    return {
      PATH: path.join(delimiter),
      HOME: this.dir,
      TMPDIR: this.dir,
      npm_config_registry: this.registry.url,
      npm_config_cache: join(this.dir, 'npm-cache'),
      npm_config_fetch_retries: '0',
      npm_config_prefer_online: 'true',
    };
  }

  /** Starts a command as its npm script does; `how` changes the program and its environment. */
  run(
    verb: string,
    how: { readonly env?: NodeJS.ProcessEnv; readonly before?: readonly string[] } = {},
  ): Running {
    const script = join(this.root, 'edge-runtime/bootstrap/run.mjs');
    const [command = '', ...args] = [...(how.before ?? []), process.execPath, script, verb];
    const child = spawn(command, args, {
      env: { ...this.environment(), ...how.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that a test can kill all of it at once.
      detached: true,
    });
    this.#running.add(child);
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    const ended = new Promise<Ended>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (status) => {
        this.#running.delete(child);
        const said = stderr.split('\n').filter((line) => line !== '');
        resolve({ status, stdout, said });
      });
    });
    return { child, ended, soFar: () => stderr };
  }
}

/** Kills a command and all that it has started, as a closed terminal or a power switch would. */
export function killTree({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
