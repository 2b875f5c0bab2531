import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { leftBehind, type Sent, sentIn, type Written, writtenIn } from './recording.ts';

export const checkout = join(import.meta.dirname, '..', '..', '..', '..');
const script = join(import.meta.dirname, 'enclose.sh');
/** Its exit status where fatrace does not work. */
const cannotWatch = 69;
const namespaces = ['--fork', '--kill-child', '--pid', '--mount', '--net', '--uts', '--ipc'];
/** Program that records or fences, and the Debian package that brings it. */
const programs = { ip: 'iproute2', tcpdump: 'tcpdump', fatrace: 'fatrace', unshare: 'util-linux' };

/** Everything that a program did to the world. */
export interface Recording {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Packets that left its network namespace, and its questions to a name server within. */
  readonly sent: readonly Sent[];
  readonly written: readonly Written[];
}

export interface EnclosedOptions {
  /** Number of the user who runs it; root, if absent. */
  readonly user?: number;
  /** Made before it starts, empty, and the user's. */
  readonly directories: readonly string[];
  /** Files that are there when it starts, by path. */
  readonly files?: Readonly<Record<string, string>>;
  /** It is killed after this long, and the recording fails. */
  readonly withinMs: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** Why this machine cannot enclose a program; `false` if it can. */
export function reasonToSkip(): string | false {
  if (process.getuid?.() !== 0) return 'needs root, for network and mount namespaces of its own';
  for (const [program, debian] of Object.entries(programs))
    if (spawnSync(program, ['--version']).error) return `needs the Debian package ${debian}`;
  const tried = spawnSync('unshare', [...namespaces, 'mount', '--make-rprivate', '/']);
  if (tried.status !== 0) return 'this machine lets root make no namespaces';
  const scratch = mkdtempSync(join(tmpdir(), 'enclosed-'));
  try {
    const { status } = spawnSync('unshare', [...namespaces, script, checkout, scratch, '0', '', 'true']);
    return status === cannotWatch ? 'this kernel cannot tell what is written to an overlay' : false;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Runs a program behind `enclose.sh` and reads the recordings. */
export async function enclosed(
  command: readonly string[],
  { user = 0, directories, files = {}, withinMs, env = {} }: EnclosedOptions,
): Promise<Recording> {
  const scratch = mkdtempSync(join(tmpdir(), 'enclosed-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      const file = join(scratch, 'files', path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const args = [checkout, scratch, String(user), directories.join(':'), ...variables, ...command];
    const child = spawn('unshare', [...namespaces, script, ...args], {
      // No variables of CI: under them some programs are quieter than on a person's machine.
      env: { PATH: pathOfAPerson() },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: withinMs,
      killSignal: 'SIGKILL',
    });
    const texts = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const)
      child[name].setEncoding('utf8').on('data', (chunk) => {
        texts[name] += chunk;
      });
    await once(child, 'close');
    const read = (name: string) => readFileSync(join(scratch, name), 'utf8');
    if (!existsSync(join(scratch, 'status')))
      throw new Error(
        `the enclosure failed or took over ${withinMs / 1000} s:\n${texts.stdout}${texts.stderr}`,
      );
    const root = join(scratch, 'memory', 'root');
    const traced = ['writes', 'writes-of-checkout'].filter((name) => existsSync(join(scratch, name)));
    return {
      ...texts,
      status: Number(read('status')),
      sent: [...sentIn(read('packets')), ...sentIn(fromWithin(read('loopback')))],
      written: [
        ...traced.flatMap((name) => writtenIn(read(name), root)).filter(({ path }) => !marks.has(path)),
        ...leftBehind(read('before'), read('after'), checkout).map((path) => ({
          by: '',
          what: 'left',
          path,
        })),
      ],
    };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Paths that `enclose.sh` itself writes to see that the recorders are there. */
const marks = new Set(['/', '/begin', '/end']);

/** On its own loopback the program has other addresses. */
function fromWithin(text: string): string {
  return text
    .replaceAll(/ IP 127\.[\d.]+ > /g, ' IP 192.0.2.2.0 > ')
    .replaceAll(/ IP6 ::1\.\d+ > /g, ' IP6 fd00::2.0 > ');
}

/** As it was before npm put the programs of this checkout first. */
function pathOfAPerson(): string {
  const path = (process.env.PATH ?? '').split(delimiter);
  return path.filter((folder) => !folder.startsWith(checkout)).join(delimiter);
}
