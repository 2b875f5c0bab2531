import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Role } from '@gatehouse/contracts';
import {
  type ConsoleRoute,
  consolePages,
  consoleRoutes,
  everyone,
  mayOpen,
  type PageName,
  pageNames,
} from '@gatehouse/contracts/console';
import WebSocket from 'ws';
import type { Harness } from './harness.ts';
import { startConsole } from './harness.ts';

/**
 * The permissions of each role, written down a second time by hand from the design page, so that a slip in
 * the product's table shows. Letters: g guard, s supervisor, i installer, a administrator, - nobody logged
 * in. A read that is not here must be open to every login and to nobody else; a change that is not here is a
 * fault.
 */
const expected: Record<string, string> = {
  'get /api/health': 'gsia-',
  'get /api/session': 'gsia-',
  'post /api/setup': 'gsia-',
  'post /api/login': 'gsia-',
  'post /api/logout': 'gsia',
  'get /api/users': 'a',
  'post /api/users': 'a',
  'post /api/users/:id/role': 'a',
  'post /api/users/:id/password': 'a',
  'get /api/site': 'gsia',
  'get /api/events': 'gsia',
  'get /api/incidents': 'gsia',
  'get /api/incidents/:id': 'gsia',
  'get /api/incidents/:id/stills/:name': 'gsia',
  'get /api/incidents/:id/clip': 'gsia',
  'post /api/incidents/:id/acknowledge': 'gsa',
  'post /api/incidents/:id/label': 'gsa',
  'get /api/incidents/:id/labels': 'gsia',
  'get /api/cameras': 'gsia',
  'get /api/cameras/:id/watching': 'gsia',
  'get /api/cameras/:id/zones': 'ia',
  'post /api/cameras/:id/zones': 'ia',
  'post /api/cameras/:id/dry-runs': 'ia',
  'get /api/dry-runs/:id': 'ia',
  'post /api/dry-runs/:id/cancel': 'ia',
  'get /api/precision': 'gsia',
  'get /api/cameras/:id/still': 'gsia',
  'websocket /api/cameras/:id/live': 'gsia',
  'get /api/devices': 'gsia',
  'post /api/devices/:id/requests': 'gsia',
  'get /api/inputs': 'gsia',
  'get /api/sensors': 'gsia',
  'get /api/fire': 'gsia',
  'post /api/fire/reset': 'gs',
  'get /api/uplink': 'gsia',
  'post /api/editor/tickets': 'ia',
};

const routeTable: readonly ConsoleRoute[] = Object.values(consoleRoutes);
const refusals = new Set(['SESSION_REQUIRED', 'ROLE_FORBIDDEN']);

describe('every route with every role', () => {
  let box: Harness;
  before(async () => {
    box = await startConsole();
    await box.as('administrator');
  });
  after(() => box.stop());

  it('knows every role there is', () => assert.deepEqual(everyone, Role.options));

  it('is written down for every change, and for nothing that is not served', () => {
    const rows = routeTable.map((row) => `${row.method} ${row.path}`);
    assert.equal(new Set(rows).size, rows.length);
    assert.deepEqual(
      rows.filter((row) => !row.startsWith('get ') && !(row in expected)),
      [],
    );
    assert.deepEqual(
      Object.keys(expected).filter((row) => !rows.includes(row)),
      [],
    );
  });

  for (const row of routeTable) {
    const allowed = expected[`${row.method} ${row.path}`] ?? 'gsia';
    for (const role of [...Role.options, undefined]) {
      const may = allowed.includes(role?.[0] ?? '-');
      it(`${row.method} ${row.path} ${may ? 'serves' : 'refuses'} ${role ?? 'anonymous'}`, async () => {
        const cookie = role && (await box.as(role));
        const code = await attempt(box, row, cookie);
        assert.equal(refusals.has(code), !may, `answered ${code}`);
        if (!may) assert.equal(code, role ? 'ROLE_FORBIDDEN' : 'SESSION_REQUIRED');
      });
    }
  }

  it('runs no GET handler for HEAD', async () => {
    const cookie = await box.as('administrator');
    for (const row of routeTable.filter(({ method }) => method === 'get')) {
      const answer = await box.call('HEAD', row.path.replace(':id', 'gate-1').replace(':name', 'opened'), {
        cookie,
      });
      assert.deepEqual([answer.status, answer.headers.get('allow')], [405, 'GET'], row.path);
    }
    assert.equal(box.incidents.listeners.size, 0, 'no stream was opened');
    const before = box.cameras.stillsAsked.length;
    await box.call('HEAD', '/api/cameras/gate-1/still', { cookie });
    assert.equal(box.cameras.stillsAsked.length, before);
  });

  it('refuses a session cookie that nobody was given', async () => {
    const cookie = `gatehouse_session=${'A'.repeat(43)}`;
    const { status, body } = await box.call('GET', '/api/incidents', { cookie });
    assert.equal(status, 401);
    assert.deepEqual(body, {
      error: { code: 'SESSION_REQUIRED', message: 'there is no valid login.', remedy: 'Log in.' },
    });
  });

  it('serves nothing that is not in the table', async () => {
    const cookie = await box.as('administrator');
    for (const path of ['/api/nothing', '/api/incidents/1/delete', '/api'])
      assert.equal((await box.call('GET', path, { cookie })).status, 404, path);
    for (const method of ['PUT', 'DELETE', 'PATCH'])
      assert.equal((await box.call(method, '/api/incidents/1', { cookie, body: {} })).status, 404, method);
  });
});

/** Pages that not every login may open. */
const expectedPages: Partial<Record<PageName, string>> = { users: 'a', flows: 'ia' };

describe('every page with every role', () => {
  for (const name of pageNames)
    it(`${name} is open to whom the design page names`, () => {
      const open = Role.options.filter((role) => mayOpen(role, name)).map((role) => role[0]);
      assert.equal(open.join(''), expectedPages[name] ?? 'gsia');
    });

  it('is answered at its path, and no other path is', async (t) => {
    const pagesDir = mkdtempSync(join(tmpdir(), 'gh-pages-'));
    writeFileSync(join(pagesDir, 'index.html'), 'the pages');
    const box = await startConsole({ overrides: { pagesDir } });
    t.after(async () => {
      await box.stop();
      rmSync(pagesDir, { recursive: true });
    });
    for (const { path } of Object.values(consolePages)) {
      const { status, text, headers } = await box.call('GET', path);
      assert.deepEqual([status, text, headers.get('cache-control')], [200, 'the pages', 'no-cache'], path);
    }
    for (const path of ['/nothing', '/doors/1', '/DOORS'])
      assert.equal((await box.call('GET', path)).status, 404, path);
  });
});

/** The error code of the answer, or `ok`. */
async function attempt(box: Harness, row: ConsoleRoute, cookie: string | undefined): Promise<string> {
  const path = row.path.replace(':id', 'gate-1').replace(':name', 'opened');
  if (row.method === 'websocket') return attemptSocket(`ws://127.0.0.1:${box.port}${path}`, cookie);
  if (row.path === '/api/events') {
    const response = await box.open(path, cookie ? { cookie } : {});
    response.destroy();
    return response.statusCode === 200
      ? 'ok'
      : response.statusCode === 403
        ? 'ROLE_FORBIDDEN'
        : 'SESSION_REQUIRED';
  }
  const method = row.method === 'post' ? 'POST' : 'GET';
  const { body } = await box.call(method, path, { cookie, ...(method === 'POST' ? { body: {} } : {}) });
  const error = body.error as { code: string } | undefined;
  return error?.code ?? 'ok';
}

async function attemptSocket(url: string, cookie: string | undefined): Promise<string> {
  const socket = new WebSocket(url, { headers: cookie ? { cookie } : {} });
  const refused = new Promise<string>((resolve) => {
    socket.once('unexpected-response', (_request, response) => {
      response.resume();
      resolve(response.statusCode === 401 ? 'SESSION_REQUIRED' : 'ROLE_FORBIDDEN');
    });
  });
  const result = await Promise.race([once(socket, 'open').then(() => 'ok'), refused]);
  socket.on('error', () => undefined);
  socket.terminate();
  return result;
}
