import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, chownSync, existsSync, lchownSync, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runDir, socketPath } from '@gatehouse/kit';

/** The wall between the code of flows and the rest of the box in `npm start`, where no unit makes one. */
export interface FlowsWall {
  /** Program and arguments that start the flows service behind the wall; empty where there is none. */
  readonly command: readonly string[];
  /** The missing part of the wall and its consequence, as a sentence for the person at the terminal. */
  readonly missing: string | undefined;
}

export interface FlowsWallOptions {
  readonly checkout: string;
  readonly stateDir: string;
  readonly env: NodeJS.ProcessEnv;
  /** The user who starts the box; 0 is root. */
  readonly startedBy?: number | undefined;
}

/**
 * Node's `vm`, in which function nodes run, is no security boundary: code that breaks out of it has all
 * rights of the process. So if root starts the box, flows run as a user of their own and without network.
 * This user owns the state and socket directories of flows and may enter the directory of the runtime's
 * socket for flows. Makes these directories, so call it before any service starts.
 */
export function buildFlowsWall({
  checkout,
  stateDir,
  env,
  startedBy = process.getuid?.(),
}: FlowsWallOptions): FlowsWall {
  if (startedBy !== 0)
    return { command: [], missing: 'run as you do: what you may read, the code of a flow may read too.' };
  const user = userFor(stateDir);
  const own = makeDirectories(stateDir, env, user);
  const asUser = ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups', '--no-new-privs'];
  const withoutNetwork = ['unshare', '--net', ...asUser];
  const needs = [
    join(checkout, 'flows/main.ts'),
    join(checkout, 'node_modules/node-red/package.json'),
    ...own,
  ];
  const problem = firstProblem(withoutNetwork, needs, checkout);
  if (problem === undefined) return { command: withoutNetwork, missing: undefined };
  if (firstProblem(asUser, needs, checkout) === undefined)
    return { command: asUser, missing: `have a user of their own, but share the network (${problem}).` };
  // As root they could not go on in directories that are another user's.
  for (const directory of own) giveAll(directory, 0);
  return {
    command: [],
    missing: `run as root, and the code of a flow may read all of the box (as another user: ${problem}).`,
  };
}

/**
 * Users without a name: systemd takes them from this range for services with DynamicUser. They own nothing
 * else on the machine. Each state directory has its own user, so that one demo's flows cannot read another's.
 */
const range = { first: 61_184, count: 4_336 };

/** The user of a state directory's flows. */
export function userFor(stateDir: string): number {
  const start = createHash('sha256').update(stateDir).digest().readUInt32BE();
  const numbers = Array.from({ length: range.count }, (_, i) => range.first + ((start + i) % range.count));
  return numbers.find((number) => !isTaken(number)) ?? range.first;
}

function isTaken(number: number): boolean {
  if (existsSync(`/run/systemd/dynamic-uid/${number}`)) return true;
  const known = (database: string) => spawnSync('getent', [database, String(number)]).status === 0;
  return known('passwd') || known('group');
}

/** As `systemd/units/gatehouse.tmpfiles.conf` makes them on a box. Returns those that flows write to. */
function makeDirectories(stateDir: string, env: NodeJS.ProcessEnv, user: number): string[] {
  const run = runDir({ ...env, GATEHOUSE_STATE_DIR: stateDir });
  const ownState = join(stateDir, 'flows');
  const ownSockets = join(run, 'flows');
  // The runtime makes its socket for flows there; set-group-ID gives the socket this group.
  const called = dirname(socketPath('runtime', 'flows', { ...env, GATEHOUSE_STATE_DIR: stateDir }));
  // The group of what is above them may enter and not look around: it is that of this user alone.
  for (const above of [stateDir, run, dirname(called)]) giveGroup(above, user, 0o010);
  giveGroup(called, user, 0o2050);
  for (const own of [ownState, ownSockets]) giveAll(own, user);
  return [ownState, ownSockets];
}

/**
 * Gives the group of a directory exactly these rights. Only directories of root and its group are changed: a
 * person may have given another one to a group on purpose. If that keeps the user out, the wall is missing.
 */
function giveGroup(directory: string, user: number, rights: number): void {
  mkdirSync(directory, { recursive: true, mode: 0o750 });
  const { uid, gid, mode } = lstatSync(directory);
  const ofAnEarlierStart = gid >= range.first && gid < range.first + range.count;
  if (uid !== 0 || (gid !== 0 && !ofAnEarlierStart)) return;
  chownSync(directory, 0, user);
  chmodSync(directory, (mode & 0o7707) | rights);
}

/**
 * Gives the directory to `user`, with all that an earlier start, as any user, has left in it. Follows no
 * link.
 */
function giveAll(directory: string, user: number): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  for (const path of ['.', ...readdirSync(directory, { recursive: true, encoding: 'utf8' })])
    lchownSync(join(directory, path), user, user);
}

/**
 * Tries if a program started by `command` can run this Node in `cwd` and use these paths. Returns the reason
 * if it cannot.
 */
function firstProblem(command: readonly string[], paths: readonly string[], cwd: string): string | undefined {
  const [program = '', ...args] = command;
  const script = `process.cwd();
    for (const path of process.argv.slice(1)) require('node:fs').accessSync(path);`;
  const run = spawnSync(program, [...args, process.execPath, '--eval', script, ...paths], {
    cwd,
    encoding: 'utf8',
  });
  if (run.error) return `${program} cannot be run`;
  if (run.status === 0) return undefined;
  const line = run.stderr
    .split('\n')
    .find((text) => /^(Error: )?\w.*(denied|not permitted|E[A-Z]{4,})/.test(text));
  return line?.replace(/^Error: /, '') ?? `${program} ended with ${run.status ?? run.signal}`;
}
