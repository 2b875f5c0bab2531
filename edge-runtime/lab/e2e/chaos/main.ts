/**
 * Breaks the running box for some minutes and judges it by independent means: plain SQL on the platform's
 * database, the relay boards' own list of writes, /proc.
 *
 * `node edge-runtime/lab/e2e/chaos/main.ts [--minutes 10] [--seed 1]`; needs GATEHOUSE_MEDIA_DIR and
 * GATEHOUSE_MODEL_MIRROR. Prints what it does, then a report as JSON; exits 1 when anything was lost,
 * doubled, stale or left behind.
 */
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { until } from '@gatehouse/harness';
import { seededRandom } from '@gatehouse/kit';
import { DemoBox } from '../demo-box.ts';
import { type BoardWrite, judgeDoors } from './doors-judge.ts';
import { judgeParking, judgePlatform, platformCommands } from './events-judge.ts';
import { Guard, type SentCommand } from './guard.ts';
import { chooseMischief, type World } from './mischief.ts';
import { descendants, isAlive } from './processes.ts';
import { judged, Watcher } from './watcher.ts';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string', default: '1' } },
});
const random = seededRandom(Number(values.seed));
const credentials = { user: 'chaos', password: 'night shift of chaos' };
const moves = [
  ['main-barrier', 'open'],
  ['main-barrier', 'close'],
  ['main-barrier', 'stop'],
  ['unit-1-door', 'open'],
  ['yard-door', 'open'],
] as const;

const box = new DemoBox();
const say = (text: string) => console.error(`${new Date().toISOString().slice(11, 23)} ${text}`);
const counts: Record<string, number> = {};
const count = (what: string) => {
  counts[what] = (counts[what] ?? 0) + 1;
};
const commands: SentCommand[] = [];
const wrong: string[] = [];

await box.start(90_000);
await until('the greeting', () => box.output.includes('Ctrl+C'));
const [cameraControl, doorControl] = controlPorts(box.output);
const guard = new Guard(box.address);
const [{ code } = { code: '' }] = await box.cli('setup-code');
await guard.enter('/api/setup', { code, ...credentials });
const watcher = new Watcher(box, guard, cameraControl, doorControl);
watcher.start();

const world: World = {
  random,
  say,
  count,
  processes: () => descendants(box.pid),
  camera: (verb, kind) =>
    post(`http://127.0.0.1:${cameraControl}/${verb}`, { stream: judged.stream, ...(kind ? { kind } : {}) }),
  boards: (route, body) => {
    watcher.note(route, body);
    return post(`http://127.0.0.1:${doorControl}${route}`, body);
  },
  burst,
};

const endMs = Date.now() + Number(values.minutes) * 60_000;
while (Date.now() < endMs) {
  await chooseMischief(world)(world);
  await burst(1);
  await wait(2_000 + random() * 8_000);
}
say('quiet now: everything must come back by itself');
const quietMs = Date.now();
await recovers('the box to be well again', 60_000, () => box.isWell());
await recovers('every device to answer', 30_000, async () => {
  const { devices } = (await guard.get('/api/devices')) as { devices: { comms: string }[] };
  return devices.length === 3 && devices.every(({ comms }) => comms === 'ok');
});
const wellAfterS = (Date.now() - quietMs) / 1000;
await recovers(
  'the last car to have left',
  200_000,
  () => watcher.clip?.clip === 1 && watcher.clip.seconds > 20,
);
const judgedMs = Date.now();
await wait(5_000);

const platformFile = join(box.stateDir, 'demo', 'platform.db');
const story = (rows: readonly { id?: unknown; phase?: unknown }[]) =>
  JSON.stringify(rows.map(({ id, phase }) => `${id} ${phase}`).toSorted());
// The other cameras' clips go on: the incidents that they raise just now are still on their way.
await recovers('box and platform to hold the same', 15_000, async () => {
  const here = await box.cli('incidents');
  return story(here) === story(judgePlatform(platformFile).incidents);
});
const platform = judgePlatform(platformFile);
wrong.push(...platform.wrong);
const onJudged = platform.incidents.filter(({ camera }) => camera === judged.camera);
wrong.push(...judgeParking(watcher.passes, watcher.startedMs, judgedMs, onJudged));
const local = await box.cli('incidents');
const arrived = platformCommands(platformFile);
for (const command of commands) {
  const state = arrived.get(command.commandId);
  const settled = command.state === 'confirmed' || command.state === 'unconfirmed';
  if (settled && state === undefined)
    wrong.push(`command ${command.commandId} (${command.state}) is not upstream`);
  if (command.state === 'no-answer' || command.state === 'executing') command.state = state ?? command.state;
}
const { nowMs, writes } = await boardWrites();
const doors = judgeDoors(writes, commands, (atMs) => watcher.loopOccupiedAt(atMs));
wrong.push(...doors.unexplained.map((line) => `a relay moved unasked: ${line}`));
wrong.push(...doors.unbacked.map((line) => `confirmed without a write: ${line}`));
wrong.push(...doors.refusedButMoved.map((line) => `refused and moved: ${line}`));
wrong.push(...watcher.stop(local as { id: string; phase: string }[]));
if (/HELD DOWN/.test(box.output)) wrong.push('a service was held down after a restart storm');

const ours = descendants(box.pid).map(({ pid }) => pid);
const exitCode = await box.stop();
await wait(1_000);
if (exitCode !== 0) wrong.push(`the box ended with ${exitCode}`);
for (const pid of new Set([...ours, ...watcher.everSeen]))
  if (isAlive(pid)) wrong.push(`process ${pid} outlived the box`);

console.log(
  JSON.stringify(
    {
      seed: Number(values.seed),
      minutes: (nowMs - watcher.startedMs) / 60_000,
      counts,
      wellAfterS,
      passes: watcher.passes.length,
      incidents: tally(platform.incidents.map(({ kind }) => kind)),
      redelivered: platform.redelivered,
      commands: { sent: commands.length, states: tally(commands.map(({ state }) => state ?? 'none')) },
      doors: { pulses: doors.pulses, matched: doors.matched, reflexes: doors.reflexes },
      browsers: watcher.browsers(),
      footprint: watcher.footprints(),
      wrong,
    },
    undefined,
    1,
  ),
);
if (wrong.length === 0) box.cleanUp();
else say(`kept for a look: ${box.stateDir}`);
process.exit(wrong.length === 0 ? 0 : 1);

function tally(words: readonly string[]): Record<string, number> {
  const counted: Record<string, number> = {};
  for (const word of words) counted[word] = (counted[word] ?? 0) + 1;
  return counted;
}

async function burst(howMany: number): Promise<void> {
  const sent: Promise<SentCommand>[] = [];
  for (let i = 0; i < howMany; i++) {
    const [device, action] = moves[Math.floor(random() * moves.length)] ?? moves[0];
    sent.push(guard.command(device, action, random() < 0.3));
    await wait(random() * 500);
  }
  commands.push(...(await Promise.all(sent)));
}

async function recovers(what: string, limitMs: number, ask: () => Promise<boolean> | boolean): Promise<void> {
  const asked = async () => {
    try {
      return await ask();
    } catch {
      // It is still coming back.
      return false;
    }
  };
  await until(what, asked, { withinMs: limitMs, everyMs: 250 }).catch((error: Error) =>
    wrong.push(error.message),
  );
}

async function boardWrites(): Promise<{ nowMs: number; writes: BoardWrite[] }> {
  const answer = await fetch(`http://127.0.0.1:${doorControl}/writes`);
  type Aged = { channel: number; value: number; agoMs: number };
  const boards = (await answer.json()) as Record<'tcp' | 'rtu', Aged[]>;
  const at = Date.now();
  const writes = (['tcp', 'rtu'] as const).flatMap((board) =>
    boards[board].map(({ channel, value, agoMs }) => ({ board, channel, value, atMs: at - agoMs })),
  );
  return { nowMs: at, writes: writes.toSorted((a, b) => a.atMs - b.atMs) };
}

async function post(url: string, body: object): Promise<void> {
  const answer = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${url}: ${await answer.text()}`);
}

/** From the greeting of `npm start`, which comes when everything is up. */
function controlPorts(greeting: string): [camera: string, doors: string] {
  const camera = /:(\d+)\/misbehave/.exec(greeting)?.[1];
  const doors = /:(\d+)\/state/.exec(greeting)?.[1];
  if (!camera || !doors) throw new Error(`no control ports in:\n${greeting}`);
  return [camera, doors];
}
