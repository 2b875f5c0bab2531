import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { until } from '@gatehouse/harness';
import { adminAuth, type EditorSessions } from '../host/editor-sessions.ts';
import { FlowsProcess } from './flows-process.ts';

const { WebSocket } = createRequire(import.meta.url)('ws');

/** Every type an installer may use. A Node-RED that brings another must be looked at first. */
const allowedTypes = [
  ...[
    'batch',
    'catch',
    'change',
    'comment',
    'complete',
    'csv',
    'debug',
    'delay',
    'function',
    'global-config',
  ],
  ...['html', 'inject', 'join', 'json', 'junction', 'link call', 'link in', 'link out', 'range', 'rbe'],
  ...['sort', 'split', 'status', 'switch', 'template', 'trigger', 'unknown', 'xml', 'yaml'],
  ...['gatehouse-device-event-in', 'gatehouse-device-request', 'gatehouse-incident-in'],
];

const guarded: readonly (readonly [string, string, unknown?])[] = [
  ['GET', '/flows/settings'],
  ['GET', '/flows/flows'],
  ['POST', '/flows/flows', []],
  ['GET', '/flows/nodes'],
  ['GET', '/flows/gatehouse/site'],
  ['GET', '/flows/context/global'],
  ['POST', '/flows/inject/a1f0c0de00000021', {}],
  ['POST', '/flows/library/local/functions/x', {}],
];

describe('who reaches the editor', () => {
  const flows = new FlowsProcess();
  before(async () => {
    await flows.runtime.start();
    await flows.start();
  });
  after(() => flows.close());

  const comms = (token?: string) =>
    new Promise<string>((resolve) => {
      const socket = new WebSocket(`ws+unix:${flows.socket}:/flows/comms`, {
        headers: token === undefined ? {} : { 'x-gatehouse-editor': token },
      });
      socket.once('open', () => socket.send(JSON.stringify({ subscribe: 'notification/#' })));
      socket.once('message', (data: Buffer) => {
        socket.close();
        resolve(String(data).includes('"auth":"fail"') ? 'refused' : 'subscribed');
      });
      socket.once('error', () => resolve('refused'));
    });

  for (const token of ['token-installer', 'token-admin'])
    it(`${token} may use it`, async () => {
      assert.equal((await flows.call('GET', '/flows/settings', token)).status, 200);
      assert.equal((await flows.call('GET', '/flows/flows', token)).status, 200);
      assert.equal(await comms(token), 'subscribed');
    });

  for (const token of [
    undefined,
    '',
    'wrong',
    'token-guard',
    'token-supervisor',
    'token-odd',
    'x'.repeat(5000),
  ])
    it(`${token === undefined ? 'no token' : `"${token.slice(0, 20)}"`} is refused everywhere`, async () => {
      for (const [method, path, body] of guarded)
        assert.equal((await flows.call(method, path, token, body)).status, 401, `${method} ${path}`);
      assert.equal(await comms(token), 'refused');
    });

  it('a token in place of the header, or a password, gets nobody in', async () => {
    const login = { client_id: 'node-red-editor', grant_type: 'password', username: 'lin', password: 'x' };
    assert.notEqual((await flows.call('POST', '/flows/auth/token', undefined, login)).status, 200);
    assert.equal((await flows.call('GET', '/flows/settings?access_token=token-installer')).status, 401);
    assert.doesNotMatch((await flows.call('GET', '/flows/auth/login')).text, /password/);
  });

  it('nobody is let in while the runtime is down', async () => {
    await flows.runtime.stop();
    assert.equal((await flows.call('GET', '/flows/settings', 'token-installer')).status, 401);
    await flows.runtime.start();
    assert.equal((await flows.call('GET', '/flows/settings', 'token-installer')).status, 200);
  });

  it('an upgrade beside /flows/comms is hung up on', async () => {
    const socket = connect(flows.socket);
    const text = 'GET /flows/other HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
    socket.write(text);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.resume();
    await closed;
  });

  it('offers exactly the types that reach no file, process or network', async () => {
    const { text } = await flows.call('GET', '/flows/nodes', 'token-installer');
    const sets: { types: string[]; enabled: boolean; err?: unknown }[] = JSON.parse(text);
    assert.deepEqual(
      sets.filter((set) => set.err),
      [],
    );
    assert.deepEqual(sets.flatMap((set) => set.types).toSorted(), allowedTypes.toSorted());
  });

  it('has no palette installer, projects, diagnostics, telemetry or tours', async () => {
    const install = await flows.call('POST', '/flows/nodes', 'token-installer', {
      module: 'node-red-node-ping',
    });
    assert.ok(install.status >= 400, install.text);
    assert.equal((await flows.call('GET', '/flows/diagnostics', 'token-installer')).status, 403);
    assert.equal((await flows.call('GET', '/flows/projects', 'token-installer')).status, 404);
    const settings = JSON.parse((await flows.call('GET', '/flows/settings', 'token-installer')).text);
    assert.equal(settings.externalModules.palette.allowInstall, false);
    assert.equal(settings.externalModules.palette.allowUpload, false);
    assert.equal(settings.telemetryEnabled, false);
    assert.equal(settings.editorTheme.tours, false);
    assert.equal(settings.editorTheme.userMenu, false);
    assert.equal(settings.functionExternalModules, false);
    assert.doesNotMatch(JSON.stringify(settings), /credentialSecret|[0-9a-f]{64}/);
  });

  it('gives pickers the site', async () => {
    const site = JSON.parse((await flows.call('GET', '/flows/gatehouse/site', 'token-installer')).text);
    assert.equal(site.devices[0].id, 'yard-door');
  });
});

describe('positive control', () => {
  it('Node-RED without this adminAuth lets anybody in, so the refusals above are its doing', async () => {
    const sessions = { verify: async () => null } as unknown as EditorSessions;
    assert.ok(adminAuth(sessions).tokens);
    const flows = new FlowsProcess();
    mkdirSync(flows.userDir, { recursive: true });
    const open = join(flows.dir, 'open.cjs');
    const nodeRed = createRequire(import.meta.url).resolve('node-red');
    writeFileSync(
      open,
      `const RED=require(${JSON.stringify(nodeRed)});const http=require('node:http');
       const server=http.createServer((q,s)=>RED.httpAdmin(q,s));
       RED.init(server,{userDir:${JSON.stringify(flows.userDir)},httpAdminRoot:'/',httpNodeRoot:false,telemetry:{enabled:false}});
       RED.start().then(()=>server.listen(${JSON.stringify(join(flows.dir, 's'))},()=>console.log('listening')));`,
    );
    const { spawn } = await import('node:child_process');
    const child = spawn(process.execPath, [open], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    await until('it listens', () => output.includes('listening'));
    Object.assign(flows, { socket: join(flows.dir, 's') });
    assert.equal((await flows.call('GET', '/settings')).status, 200);
    assert.equal((await flows.call('POST', '/flows', undefined, [])).status, 204);
    child.kill('SIGKILL');
    await flows.close();
  });
});

describe('what a flow cannot do', () => {
  const flows = new FlowsProcess();
  let asked = 0;
  const outside = createServer((_request, response) => {
    asked++;
    response.end('reached');
  });
  before(async () => {
    await new Promise<void>((resolve) => outside.listen(0, '127.0.0.1', resolve));
    await flows.runtime.start();
  });
  after(async () => {
    outside.close();
    await flows.close();
  });

  const functionFlow = (func: string) => [
    { id: 'f0', type: 'tab', label: 't' },
    { id: 'f1', type: 'inject', z: 'f0', props: [], once: true, onceDelay: 0.1, wires: [['f2']] },
    { id: 'f2', type: 'function', z: 'f0', func, outputs: 1, libs: [], wires: [[]] },
  ];

  it('an excluded node does not run, and health says which', async () => {
    const address = outside.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    flows.putFlows([
      { id: 'e0', type: 'tab', label: 't' },
      { id: 'e1', type: 'inject', z: 'e0', props: [], once: true, onceDelay: 0.1, wires: [['e2', 'e3']] },
      { id: 'e2', type: 'exec', z: 'e0', command: `touch ${flows.dir}/ran`, wires: [[], [], []] },
      {
        id: 'e3',
        type: 'http request',
        z: 'e0',
        method: 'GET',
        url: `http://127.0.0.1:${port}/`,
        wires: [[]],
      },
    ]);
    await flows.start();
    await until('the report', () => flows.runtime.health.length > 0);
    await until('degraded', () => flows.runtime.health.at(-1)?.status === 'degraded');
    assert.match(flows.runtime.health.at(-1)?.detail ?? '', /missing-types exec http request/);
    assert.equal(asked, 0);
    assert.throws(() => readFileSync(join(flows.dir, 'ran')), { code: 'ENOENT' });
    await flows.stop();
  });

  it('a function node finds no require, process, fetch, environment secret or host object', async () => {
    flows.env = { SITE_SECRET: 'hunter2' };
    flows.putFlows(
      functionFlow(`flow.set('seen', {
        require: typeof require, process: typeof process, fetch: typeof fetch, module: typeof module,
        secret: String(env.get('SITE_SECRET')), keys: global.keys(), gatehouse: typeof RED.settings });`),
    );
    await flows.start();
    await until('it ran', async () => (await flows.flowContext('f0', 'seen')) !== undefined);
    assert.deepEqual(await flows.flowContext('f0', 'seen'), {
      require: 'undefined',
      process: 'undefined',
      fetch: 'undefined',
      module: 'undefined',
      secret: 'undefined',
      keys: [],
      gatehouse: 'undefined',
    });
    await flows.stop();
  });

  it('a function node cannot bring a module', async () => {
    const [tab, inject, fn] = functionFlow(`flow.set('seen', typeof fs);`);
    flows.putFlows([tab, inject, { ...fn, libs: [{ var: 'fs', module: 'fs' }] }]);
    await flows.start();
    await until('it is refused', () => /不允许|not allowed/.test(flows.output));
    assert.equal(await flows.flowContext('f0', 'seen'), undefined);
    await flows.stop();
  });

  it('an endless loop in a function node ends by its limit and the editor goes on', async () => {
    flows.putFlows(functionFlow('for (;;);'));
    await flows.start();
    await until('it is cut off', () => /timed out/.test(flows.output));
    assert.equal((await flows.call('GET', '/flows/settings', 'token-installer')).status, 200);
    await flows.stop();
  });
});

describe('a crash', () => {
  const flows = new FlowsProcess();
  after(() => flows.close());

  it('of Node-RED ends the process with a failure, so that it is started again (library entry that is a folder)', async () => {
    await flows.runtime.start();
    await flows.start();
    const post = (path: string) =>
      flows.call('POST', `/flows/library/local/functions/${path}`, 'token-installer', {
        body: 'return msg;',
      });
    await post('a/b');
    await post('a').catch((error: NodeJS.ErrnoException) => assert.equal(error.code, 'ECONNRESET'));
    assert.equal(await flows.exited(), 70);
    assert.match(flows.output, /"uncaught-error".*EISDIR/);
  });

  it('does not keep it from starting again', async () => {
    await flows.start();
    assert.equal((await flows.call('GET', '/flows/settings', 'token-installer')).status, 200);
  });
});
