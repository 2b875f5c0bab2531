import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { until } from '@gatehouse/harness';
import { seededRandom, socketPath } from '@gatehouse/kit';
import { startCameraSimulator } from '../../camera-simulator/index.ts';
import { ConsoleClient } from '../console-client.ts';
import { consoleExchanges, editorExchanges, localExchanges } from '../resets/exchanges.ts';
import { type Exchange, storm } from '../resets/storm.ts';
import { type ServiceName, SmallBox } from '../small-box.ts';

const clip = join(import.meta.dirname, '../../sim/clips/parking-day.mp4');
const seed = Number(process.env.GATEHOUSE_RESETS_SEED ?? 6);
/** Resets of the whole box; a night of it: GATEHOUSE_RESETS=100000. */
const count = Number(process.env.GATEHOUSE_RESETS ?? 4_000);
const services: readonly ServiceName[] = ['drivers', 'vision', 'runtime', 'flows'];

describe('resets of any connection at any moment', { timeout: 1_200_000 }, () => {
  let box: SmallBox;
  let camera: Awaited<ReturnType<typeof startCameraSimulator>>;
  let guard: ConsoleClient;
  let exchanges: readonly Exchange[];
  const filesBefore = new Map<ServiceName, number>();

  before(async () => {
    camera = await startCameraSimulator({ streams: [{ path: 'east', clips: [clip] }], port: 0 });
    box = new SmallBox({ camera: camera.url('east') });
    await box.start(...services);
    const origin = box.address('console-listening');
    guard = new ConsoleClient(origin);
    const { code } = (await box.client('runtime', 'cli').call('GET', '/setup-code')) as { code: string };
    await guard.enter('/api/setup', { code, user: 'chen', password: 'night shift 3' });
    await until('the camera to be live', async () => {
      const { cameras } = (await guard.get('/api/cameras')) as { cameras: { state: string }[] };
      return cameras[0]?.state === 'live';
    });
    const editor = await guard.enterEditor();
    const local = (
      owner: Parameters<typeof socketPath>[0],
      caller: Parameters<typeof socketPath>[1],
      calls: string[],
      streams: string[],
    ) => localExchanges(`${owner} for ${caller}`, socketPath(owner, caller, box.env), calls, streams);
    exchanges = [
      ...consoleExchanges({ port: portOf(origin), cookie: guard.cookie }),
      ...editorExchanges({ port: portOf(editor.origin), cookie: editor.cookie }),
      ...local('drivers', 'runtime', ['/health', '/devices', '/audit/verification'], ['/events']),
      ...local('drivers', 'cli', ['/health', '/cards'], ['/events']),
      ...local(
        'vision',
        'runtime',
        ['/health', '/cameras/east/still'],
        ['/events', '/cameras/east/stream', '/cameras/east/stream?as=mpeg1'],
      ),
      ...local('runtime', 'sync', ['/outbox?class=alarm&after=0'], ['/outbox/ready']),
      ...local('runtime', 'flows', ['/site', '/devices'], ['/incidents/stream']),
      ...local('runtime', 'cli', ['/health', '/incidents', '/backup', '/tracks?camera=east'], []),
      ...local('flows', 'runtime', ['/gatehouse/state', '/gatehouse/flows'], []),
      ...local('flows', 'editor', ['/flows/', '/flows/red/red.min.js'], []),
    ];
    for (const name of services) filesBefore.set(name, box.openFiles(name));
  });
  after(async () => {
    await box?.stop();
    await camera?.close();
  });

  it('kill nothing, and leave nothing open behind', async (t) => {
    const played = await storm(exchanges, { count, atOnce: 12, random: seededRandom(seed) });
    t.diagnostic(`seed ${seed}, ${count} resets of ${played.size} kinds of exchange`);
    assert.equal(played.size, exchanges.length, 'each kind was played');
    for (const name of services) {
      assert.equal(box.ended(name), false, `${name}: ${box.output(name).slice(-2_000)}`);
      assert.doesNotMatch(box.output(name), /"uncaught-error"/, name);
    }
    // Every service still does its work, on every way in.
    await guard.get('/api/incidents');
    const { status } = await fetch(`${(await guard.enterEditor()).origin}/flows/settings`);
    assert.equal(status, 401);
    await box.client('drivers', 'runtime').call('GET', '/devices');
    await box.client('drivers', 'cli').call('GET', '/cards');
    await box.client('vision', 'runtime').call('GET', '/cameras');
    await box.client('runtime', 'cli').call('GET', '/health');
    await box.client('runtime', 'sync').callRaw('GET', '/outbox?class=alarm&after=0');
    await box.client('runtime', 'flows').call('GET', '/site');
    await box.client('flows', 'runtime').call('GET', '/gatehouse/state');
    await until('the camera to be live still', async () => {
      const { cameras } = (await guard.get('/api/cameras')) as { cameras: { state: string }[] };
      return cameras[0]?.state === 'live';
    });
    // Things that are kept for a while (a lingering live view, a keep-alive connection) go by themselves.
    for (const name of services) {
      const most = (filesBefore.get(name) ?? 0) + 8;
      await until(`${name} to have closed what was reset`, () => box.openFiles(name) <= most);
    }
  });
});

describe('the control', () => {
  it('dies of the same resets without handlers', async (t) => {
    const program = `
      import { createServer } from 'node:http';
      const server = createServer((request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        const more = setInterval(() => response.write('data: 1\\n\\n'), 1);
        response.once('close', () => clearInterval(more));
      });
      server.on('upgrade', (request, socket) => {
        socket.write('HTTP/1.1 101 Switching Protocols\\r\\nconnection: upgrade\\r\\nupgrade: websocket\\r\\n\\r\\n');
        const more = setInterval(() => socket.write('more'), 1);
        socket.once('close', () => clearInterval(more));
      });
      server.listen(0, '127.0.0.1', () => console.log(server.address().port));`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    t.after(() => child.kill('SIGKILL'));
    const [port] = await once(child.stdout, 'data');
    const exchanges = consoleExchanges({ port: Number(port), cookie: '' });
    let rounds = 0;
    while (child.exitCode === null) {
      await storm(exchanges, { count: 50, atOnce: 6, random: seededRandom(seed + rounds++) });
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.notEqual(child.exitCode, 0);
    t.diagnostic(`after at most ${rounds * 50} resets`);
  });
});

function portOf(origin: string): number {
  return Number(new URL(origin).port);
}
