import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  DesiredReason,
  DeviceState,
  isWellBesidesProcessor,
  loadSite,
  type ServiceHealth,
  WireDesiredState,
} from '@gatehouse/contracts';
import { boxIn, closeServer, type Program, scratchFolder, until } from '@gatehouse/harness';
import {
  EventStreamWriter,
  every,
  isoWithOffset,
  LocalClient,
  listenOnSocket,
  socketPath,
  systemClock,
} from '@gatehouse/kit';
import { newKeyPair, signMessage } from '../commands/signer.ts';
import { desiredPayload, desiredType } from '../desired/payload.ts';
import { startMosquitto } from './support/brokers.ts';
import { rawClient } from './support/raw-client.ts';
import { startBoards, startService } from './support/services.ts';

const send = fileURLToPath(new URL('../desired/send.ts', import.meta.url));
const topic = 'gatehouse/box-1/desired';
const keys = newKeyPair();

const zones = (id: string) => ({
  east: [
    {
      id,
      name: { 'zh-CN': '区', en: 'Zone' },
      polygon: [
        [0, 0],
        [1, 0],
        [1, 1],
      ],
    },
  ],
});

function sign(version: number, parts: unknown, privateKey = keys.privateKey, box = 'box-1'): string {
  const wish = { id: randomUUID(), box, version, user: 'li', issuedMs: systemClock.epochMs(), parts };
  return signMessage(desiredType, desiredPayload(wish), { id: 'city-1', privateKey });
}

/** A vision service whose one camera does not deliver: what it sees is of no interest here. */
async function startVision(t: TestContext, socket: string): Promise<void> {
  const camera = { id: 'east', state: 'down', reason: 'CAMERA_UNREACHABLE', analysedFps: 0, reconnects: 0 };
  const server = createServer((request, response) => {
    if (request.url === '/health') {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"status":"ok"}');
      return;
    }
    const writer = new EventStreamWriter(response, systemClock);
    const stop = every(systemClock, 2_000, () => writer.send({ event: 'camera', data: camera }));
    response.once('close', stop);
    writer.send({ event: 'camera', data: camera });
  });
  await listenOnSocket(server, socket);
  t.after(() => closeServer(server));
}

/** A service that is started again whenever it ends, as systemd does. */
function supervised(t: TestContext, main: string, env: NodeJS.ProcessEnv): Program {
  let over = false;
  // Before the service is ended, or it would be started once more.
  t.after(() => {
    over = true;
  });
  const child = startService(t, main, [], env);
  const again = async (): Promise<void> => {
    await child.exited();
    if (over) return;
    child.start();
    return again();
  };
  void again();
  return child;
}

/**
 * Mosquitto, runtime, drivers and simulated boards, each its own process, and flows; sync when the test
 * starts it.
 */
async function startBox(t: TestContext, configure: string) {
  const dir = scratchFolder(t);
  const broker = await startMosquitto(t);
  const boardPort = await startBoards(t);
  const key = join(dir, 'city.key');
  writeFileSync(key, keys.privateKey, { mode: 0o600 });
  const env = boxIn(
    dir,
    `version: 1
site: { id: compound, name: { zh-CN: 小区, en: Compound } }
box: { id: box-1 }
cameras: [{ id: east, name: { zh-CN: 东门, en: East }, url: "rtsp://127.0.0.1:9/x" }]
buses: [{ id: gate-bus, kind: modbus-tcp, host: 127.0.0.1, port: ${boardPort} }]
devices:
  - { id: barrier, kind: barrier, name: { zh-CN: 道闸, en: Barrier }, bus: gate-bus, unit: 1, profile: waveshare-modbus-rtu-relay-8ch, failMode: safe, outputs: { open: 0, close: 1, stop: 2 }, inputs: { open: 0, closed: 1, loop: 2 } }
permissions: { upstream: { configure: [${configure}] } }
uplink:
  url: ${broker.url}
  commands: { keys: [{ id: city-1, publicKey: "${keys.publicKey}" }] }
`,
  );
  await startVision(t, socketPath('vision', 'runtime', env));
  startService(t, '../drivers/main.ts', [], env);
  const runtime = startService(t, '../edge-runtime/runtime/main.ts', [], env);
  await runtime.said(/service-started/);
  supervised(t, '../flows/main.ts', env);
  const cli = new LocalClient('runtime', socketPath('runtime', 'cli', env));
  await until('all services are well', async () => {
    const { services } = (await cli.call('GET', '/health')) as {
      services: Record<string, ServiceHealth>;
    };
    // A busy machine may be short of processor for as long as the test takes.
    return ['vision', 'drivers', 'flows'].every((name) =>
      isWellBesidesProcessor(services[name] ?? { status: 'down' }),
    );
  });
  const drivers = new LocalClient('drivers', socketPath('drivers', 'runtime', env));
  const barrier = async () => DeviceState.array().parse(await drivers.call('GET', '/devices'))[0];
  await until('board in contact', async () => (await barrier().catch(() => undefined))?.comms === 'ok');
  const watcher = await rawClient(t, broker.url);
  const told = () =>
    watcher
      .events()
      .filter(({ type }) => type === 'gatehouse.desired-state.v1')
      .map(({ data }) => WireDesiredState.parse(data))
      // Nobody acknowledges here, so what was sent comes again.
      .filter((data, i, all) => all.findIndex((one) => JSON.stringify(one) === JSON.stringify(data)) === i);
  const heard = (phase: string, match: Partial<WireDesiredState>) =>
    until(`${phase} ${JSON.stringify(match)}`, () =>
      told().find(
        (one) => one.phase === phase && Object.entries(match).every(([k, v]) => one[k as 'reason'] === v),
      ),
    );
  const startSync = () => startService(t, 'main.ts', [], env);
  const zonesNow = () => loadSite(env.GATEHOUSE_SITE).cameras[0]?.zones.map(({ id }) => id);
  return {
    cli,
    dir,
    broker,
    site: env.GATEHOUSE_SITE,
    key,
    env,
    drivers,
    barrier,
    runtime,
    publish: watcher.publish,
    told,
    heard,
    startSync,
    zonesNow,
  };
}

test('a box that was away gets the last version on its return; what the platform did not sign, or may not set, changes nothing', async (t) => {
  const box = await startBox(t, 'zones');
  await box.publish(topic, sign(1, { zones: zones('first') }), true);
  await box.publish(topic, sign(2, { zones: zones('second') }), true);
  const sync = box.startSync();
  await box.heard('watching', { version: 2 });
  assert.deepEqual(box.zonesNow(), ['second']);
  assert.equal(
    box.told().some(({ version }) => version === 1),
    false,
    'never an old one',
  );

  const stranger = newKeyPair().privateKey;
  const large = [{ id: 'a', type: 'comment', info: 'x'.repeat(300_000) }];
  const hostile: [string, string, object][] = [
    ['SIGNATURE_WRONG', sign(9, { zones: zones('forged') }, stranger), {}],
    ['OTHER_BOX', sign(9, { zones: zones('other') }, undefined, 'box-2'), {}],
    ['MESSAGE_MALFORMED', 'no envelope', {}],
    ['MESSAGE_TOO_LONG', 'x'.repeat(1024 * 1024 + 1), {}],
    ['NOT_PERMITTED', sign(3, { flows: large }), { version: 3 }],
  ];
  for (const [reason, message, match] of hostile) {
    await box.publish(topic, message, reason === 'SIGNATURE_WRONG');
    await box.heard('refused', { reason: DesiredReason.parse(reason), ...match });
  }
  assert.deepEqual(box.zonesNow(), ['second']);

  // A runtime that is away is waited for, and a repeat of what it has is nothing new.
  await box.runtime.kill();
  await box.publish(topic, sign(4, { zones: zones('fourth') }), true);
  await sync.said(/desired-not-handed-over/);
  box.runtime.start();
  await box.runtime.said(/"desired-state".*"arrived"/);
  const count = box.told().length;
  await sync.kill();
  sync.start();
  await sync.said(/desired-handed-over/);
  assert.equal(box.told().length, count);
  assert.deepEqual(box.zonesNow(), ['second'], 'the fourth waits until the second is settled');
});

test('nothing changes while a barrier moves, and then it does', async (t) => {
  const box = await startBox(t, 'zones');
  const sync = box.startSync();
  await until('all three links', () => sync.output.split('broker-link-up').length > 3);
  const before = readFileSync(box.site, 'utf8');
  const command = {
    ...{ commandId: randomUUID(), device: 'barrier', action: 'open' },
    expiresAt: isoWithOffset(systemClock.epochMs() + 10_000),
    origin: { channel: 'console', user: 'wang' },
  };
  const opening = box.drivers.call('POST', '/commands', { body: command, timeoutMs: 10_000 });
  const position = async () => DeviceState.array().parse(await box.cli.call('GET', '/devices'))[0]?.position;
  await until('it moves, and the runtime knows', async () => (await position()) === 'opening');
  await box.publish(topic, sign(1, { zones: zones('new') }), true);
  const staged = await box.heard('staged', { version: 1 });
  assert.deepEqual(staged.waitsFor, ['DEVICE_MOVING']);
  let moving = 0;
  const inForce = async () => {
    const text = readFileSync(box.site, 'utf8');
    if ((await box.barrier())?.position === 'opening') {
      assert.equal(text, before);
      moving++;
    }
    return box.told().some(({ phase }) => phase === 'watching');
  };
  await until('in force', inForce, { everyMs: 5 });
  await opening;
  assert.ok(moving > 0, 'the barrier was seen moving');
  assert.deepEqual([(await box.barrier())?.position, box.zonesNow()], ['open', ['new']]);
});

test('flows that end their process are taken back, with the zones that came with them, and the sender is told', async (t) => {
  const box = await startBox(t, 'zones, flows');
  box.startSync();
  const client = new LocalClient('flows', socketPath('flows', 'runtime', box.env));
  const digest = async () => ((await client.call('GET', '/gatehouse/flows')) as { digest: string }).digest;
  const before = await digest();
  const files = { zones: join(box.dir, 'zones.yaml'), flows: join(box.dir, 'new-flows.json') };
  writeFileSync(
    files.zones,
    `east: [{ id: new, name: { zh-CN: 区, en: Zone }, polygon: [[0, 0], [1, 0], [1, 1]] }]\n`,
  );
  const deadly = `(async () => { throw new Error('deadly'); })();`;
  writeFileSync(
    files.flows,
    JSON.stringify([
      { id: 'f0', type: 'tab', label: 't' },
      { id: 'f1', type: 'inject', z: 'f0', props: [], once: true, onceDelay: 0.1, wires: [['f2']] },
      { id: 'f2', type: 'function', z: 'f0', func: deadly, outputs: 1, libs: [], wires: [[]] },
    ]),
  );
  const args = [
    '--key',
    box.key,
    '--key-id',
    'city-1',
    '--url',
    box.broker.url,
    '--box',
    'box-1',
    '--version',
    '7',
  ];
  const program = spawn(process.execPath, [send, ...args, '--zones', files.zones, '--flows', files.flows], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => program.kill('SIGKILL'));
  let printed = '';
  program.stdout.on('data', (chunk: Buffer) => {
    printed += chunk;
  });
  const [code] = await once(program, 'close');
  const phases = printed
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).phase);
  assert.deepEqual([code, phases], [1, ['staged', 'watching', 'rolled-back']], printed);
  const end = await box.heard('rolled-back', { version: 7 });
  assert.deepEqual([end.reason, end.subject, end.parts], ['FLOWS_RESTARTED', 'flows', ['zones', 'flows']]);
  assert.deepEqual(box.zonesNow(), []);
  assert.equal(await digest(), before);
});
