import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { listenOnSocket, seededRandom, systemClock } from '@gatehouse/kit';
import { FakeRuntime } from '../../../../flows/test/fake-runtime.ts';
import { buildFlowsWall, type FlowsWall, userFor } from '../flows-wall.ts';
import { boxProcesses } from '../process-table.ts';
import { Supervisor } from '../supervisor/index.ts';
import { breakOut, type Seen, type Wanted } from './break-out.ts';

const asRoot = process.getuid?.() === 0 ? false : 'needs root: only root can start a process as another user';
const checkout = join(import.meta.dirname, '..', '..', '..', '..');

/** Nothing of this world's files, sockets or ports is for flows, but the runtime's socket for them. */
class World {
  readonly dir = mkdtempSync(join(tmpdir(), 'gw-'));
  readonly state = join(this.dir, 'state');
  readonly run = join(this.dir, 'run');
  readonly runtime = new FakeRuntime(join(this.run, 'runtime/flows/api.sock'));
  readonly files = ['events.db', 'drivers.db', 'demo/camera-password', 'logs/runtime.log'];
  readonly sockets = ['drivers/runtime', 'vision/runtime', 'runtime/sync', 'runtime/cli'];
  readonly #servers: { close(): void }[] = [];
  port = 0;

  async start(): Promise<void> {
    chmodSync(this.dir, 0o755);
    for (const path of this.files) {
      mkdirSync(join(this.state, path, '..'), { recursive: true, mode: 0o750 });
      // As services write: theirs and their group's.
      writeFileSync(join(this.state, path), 'secret', { mode: 0o640 });
    }
    const tcp = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
    this.#servers.push(tcp);
    await new Promise((resolve) => tcp.once('listening', resolve));
    this.port = (tcp.address() as AddressInfo).port;
  }

  /** As `npm start` builds it for this world. */
  wall(): FlowsWall {
    const env = { ...process.env, GATEHOUSE_RUN_DIR: this.run };
    return buildFlowsWall({ checkout, stateDir: this.state, env });
  }

  /** The sockets of the other services; to be called once the wall has been built, as in `npm start`. */
  async serve(): Promise<void> {
    await this.runtime.start();
    for (const path of this.sockets) {
      const server = createHttpServer((_request, response) => response.end());
      await listenOnSocket(server, join(this.run, path, 'api.sock'));
      this.#servers.push(server);
    }
  }

  async stop(): Promise<void> {
    await this.runtime.stop();
    for (const server of this.#servers) server.close();
    rmSync(this.dir, { recursive: true, force: true });
  }

  /**
   * A flow whose function node takes hold of the process that it runs in, which Node's `vm` does not prevent.
   */
  putBreakOut(): void {
    const own = join(this.state, 'flows');
    const files = Object.fromEntries(this.files.map((path) => [path, join(this.state, path)]));
    const sockets = Object.fromEntries(this.sockets.map((path) => [path, join(this.run, path, 'api.sock')]));
    const wanted: Wanted = {
      files: { ...files, '/etc/shadow': '/etc/shadow', supervisor: `/proc/${process.pid}/environ` },
      sockets: {
        ...sockets,
        'runtime/flows': this.runtime.path,
        tcp: { host: '127.0.0.1', port: this.port },
      },
      seen: join(own, 'seen'),
    };
    const host = `node.error.constructor('return process')()`;
    const func = `(${breakOut.toString()})(${host}, ${JSON.stringify(wanted)});`;
    const flow = [
      { id: 'f0', type: 'tab', label: 't' },
      { id: 'f1', type: 'inject', z: 'f0', props: [], once: true, onceDelay: 0.1, wires: [['f2']] },
      { id: 'f2', type: 'function', z: 'f0', func, outputs: 1, libs: [], wires: [[]] },
    ];
    mkdirSync(own, { recursive: true, mode: 0o700 });
    writeFileSync(join(own, 'flows.json'), JSON.stringify(flow), { mode: 0o600 });
    rmSync(join(own, 'seen'), { force: true });
  }

  /**
   * Runs the flows service as `npm start` does, behind this wall, until the flow has reported its abilities.
   */
  async seen(wall: FlowsWall): Promise<Seen> {
    const said: string[] = [];
    const specs = boxProcesses('', this.state, { flowsWall: wall }).filter(({ name }) => name === 'flows');
    const supervisor = new Supervisor(
      specs.map((spec) => ({ ...spec, env: { ...spec.env, GATEHOUSE_RUN_DIR: this.run } })),
      {
        clock: systemClock,
        random: seededRandom(1),
        logDir: join(this.dir, 'logs'),
        cwd: checkout,
        say: (name, text) => said.push(`${name} ${text}`),
      },
    );
    const file = join(this.state, 'flows', 'seen');
    try {
      await supervisor.start(new AbortController().signal);
      for (let i = 0; i < 6_000 && !existsSync(file); i++) await delay(10);
      const log = join(this.dir, 'logs/flows.log');
      assert.ok(existsSync(file), `${said.join('\n')}\n${existsSync(log) ? readFileSync(log, 'utf8') : ''}`);
      return JSON.parse(readFileSync(file, 'utf8'));
    } finally {
      await supervisor.stop();
    }
  }
}

async function world(t: TestContext): Promise<World> {
  const made = new World();
  t.after(() => made.stop());
  await made.start();
  return made;
}

describe('the code of a flow in npm start', { skip: asRoot }, () => {
  before(() => {
    process.env.SITE_SECRET = 'hunter2';
  });
  after(() => {
    delete process.env.SITE_SECRET;
  });

  it('reads databases and secrets and reaches every socket and port with the wall off', async (t) => {
    const open = await world(t);
    await open.serve();
    open.putBreakOut();
    const { user, files, sockets } = await open.seen({ command: [], missing: undefined });
    assert.equal(user, 0);
    assert.deepEqual(new Set(Object.values(files)), new Set(['read']), JSON.stringify(files));
    assert.deepEqual(new Set(Object.values(sockets)), new Set(['connected']), JSON.stringify(sockets));
  });

  it('reads none of them and reaches the socket for flows only', async (t) => {
    const closed = await world(t);
    closed.putBreakOut();
    const wall = closed.wall();
    assert.equal(wall.missing, undefined);
    await closed.serve();
    const { user, files, sockets, environment } = await closed.seen(wall);
    assert.notEqual(user, 0);
    assert.deepEqual(new Set(Object.values(files)), new Set(['EACCES']), JSON.stringify(files));
    const { 'runtime/flows': own, tcp, ...others } = sockets;
    assert.equal(own, 'connected');
    assert.notEqual(tcp, 'connected');
    assert.deepEqual(new Set(Object.values(others)), new Set(['EACCES']), JSON.stringify(others));
    assert.doesNotMatch(environment, /hunter2/);
  });

  it('where no other user can enter is told of once, and flows run as before', async (t) => {
    const hidden = await world(t);
    hidden.putBreakOut();
    assert.equal(hidden.wall().missing, undefined);
    chmodSync(hidden.dir, 0o700);
    const wall = hidden.wall();
    assert.deepEqual(wall.command, []);
    assert.match(wall.missing ?? '', /run as root, and the code of a flow may read.*EACCES.*flows/);
    await hidden.serve();
    assert.equal((await hidden.seen(wall)).user, 0);
  });
});

test('a person who is not root is told that flows run as they do', () => {
  const { command, missing } = buildFlowsWall({ checkout, stateDir: '/nowhere', env: {}, startedBy: 1000 });
  assert.deepEqual(command, []);
  assert.match(missing ?? '', /run as you do: what you may read, the code of a flow may read too/);
});

test('each state directory has a user of its own, without a name, and always the same', () => {
  const users = ['/srv/a', '/srv/b', '/srv/a'].map(userFor);
  assert.equal(users[0], users[2]);
  assert.notEqual(users[0], users[1]);
  for (const user of users) assert.ok(user >= 61_184 && user <= 65_519);
});
