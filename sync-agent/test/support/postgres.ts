import { execFileSync } from 'node:child_process';
import { chownSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** Debian keeps each version's servers apart. */
const versions = '/usr/lib/postgresql';

export interface TestPostgres {
  /** Address over the Unix socket; one database more with each `database()`. */
  database(): string;
  /** Stops at once, as a killed server does, and starts again. */
  crash(): void;
  restart(): void;
}

/** PostgreSQL refuses to run as root: as root, everything runs as Debian's user "postgres". */
function run(program: string, args: readonly string[]): string {
  const asRoot = process.getuid?.() === 0;
  const [file, all] = asRoot ? ['runuser', ['-u', 'postgres', '--', program, ...args]] : [program, [...args]];
  return execFileSync(file, all, { encoding: 'utf8', cwd: '/', stdio: ['ignore', 'pipe', 'pipe'] });
}

/**
 * A real PostgreSQL of Debian with a data directory of its own, on a Unix socket only; gone after the test.
 */
export function startPostgres(t: Pick<TestContext, 'after'>, config: readonly string[] = []): TestPostgres {
  const version = readdirSync(versions).sort((a, b) => Number(b) - Number(a))[0];
  const program = (name: string) => join(versions, version ?? '', 'bin', name);
  const dir = mkdtempSync(join(tmpdir(), 'gh-pg-'));
  if (process.getuid?.() === 0) {
    const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
    chownSync(dir, id('-u'), id('-g'));
  }
  const data = join(dir, 'data');
  run(program('initdb'), ['-D', data, '-U', 'gatehouse', '-A', 'trust', '-E', 'UTF8', '--no-locale', '-N']);
  const settings = ['listen_addresses=', `unix_socket_directories=${dir}`, 'shared_buffers=32MB', ...config];
  const options = settings.map((setting) => `-c ${setting.replace(/=$/, "=''")}`).join(' ');
  const start = () =>
    run(program('pg_ctl'), ['-D', data, '-o', options, '-l', join(dir, 'log'), '-w', '-s', 'start']);
  const stop = () => run(program('pg_ctl'), ['-D', data, '-m', 'immediate', '-w', '-s', 'stop']);
  let running = false;
  const crash = () => {
    if (running) stop();
    running = false;
  };
  t.after(() => {
    crash();
    rmSync(dir, { recursive: true, force: true });
  });
  start();
  running = true;
  let made = 0;
  return {
    database: () => {
      const name = `receiver${++made}`;
      run(program('createdb'), ['-h', dir, '-U', 'gatehouse', name]);
      return `postgresql://gatehouse@/${name}?host=${dir}`;
    },
    crash,
    restart: () => {
      start();
      running = true;
    },
  };
}
