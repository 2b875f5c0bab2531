import type { IncomingMessage } from 'node:http';
import { request as httpRequest } from 'node:http';
import type { Role } from '@gatehouse/contracts';
import { ManualClock, readEventStream, silentLog } from '@gatehouse/kit';
import { pageKeyHeader, pageKeyOf } from '../auth/page-key.ts';
import { hashPassword } from '../auth/passwords.ts';
import { Sessions } from '../auth/sessions.ts';
import { ConsoleServer } from '../console-server.ts';
import type { ConsoleOptions } from '../options.ts';
import { fakeParts } from './fakes.ts';

export const password = 'correct horse';
let passwordHash: Promise<string> | undefined;

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
  readonly text: string;
}

export interface Asked {
  readonly cookie?: string | undefined;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  /** The origin of the request's target; the console if absent. */
  readonly origin?: string;
}

export type Harness = Awaited<ReturnType<typeof startConsole>>;

/** Headers that the console's page sends besides the cookie of its login. */
export function pageKeyIn(cookie: string): Record<string, string> {
  const token = /gatehouse_session=([^;]+)/.exec(cookie)?.[1];
  return token === undefined ? {} : { [pageKeyHeader]: pageKeyOf(token) };
}

/** The console on real TCP ports, with parts in memory and a clock moved by hand; `stop()` ends it. */
export async function startConsole(
  options: { editorSocket?: string; overrides?: Partial<ConsoleOptions> } = {},
) {
  const clock = new ManualClock(Date.parse('2026-11-23T03:15:00+08:00'));
  const parts = fakeParts();
  const users = parts.store.accounts;
  const server = new ConsoleServer(parts, {
    editorSocket: options.editorSocket ?? '/nonexistent/flows.sock',
    clock,
    log: silentLog,
    deviceKey: Buffer.alloc(32, 7),
    host: '127.0.0.1',
    port: 0,
    editorPort: 0,
    ...options.overrides,
  });
  try {
    await server.start();
  } catch (error) {
    await server.stop();
    throw error;
  }
  const origin = server.address;

  const call = async (method: string, path: string, asked: Asked = {}): Promise<Answered> => {
    const headers: Record<string, string> = {};
    if (asked.cookie) Object.assign(headers, { cookie: asked.cookie }, pageKeyIn(asked.cookie));
    if (method !== 'GET') headers['x-gatehouse'] = '1';
    if (asked.body !== undefined) headers['content-type'] = 'application/json';
    const body = typeof asked.body === 'string' ? asked.body : JSON.stringify(asked.body);
    const response = await fetch((asked.origin ?? origin) + path, {
      method,
      headers: { ...headers, ...asked.headers },
      redirect: 'manual',
      ...(asked.body === undefined ? {} : { body }),
    });
    const text = await response.text();
    const json = response.headers.get('content-type')?.includes('json') && text ? JSON.parse(text) : {};
    return { status: response.status, headers: response.headers, body: json, text };
  };

  return {
    ...parts,
    users,
    audit: users.audit,
    console: server.console,
    clock,
    origin,
    port: Number(new URL(origin).port),
    editorOrigin: server.editorAddress,
    call,
    /** Adds a user of this role (named after it) and returns the cookie of a fresh login. */
    async as(role: Role): Promise<string> {
      passwordHash ??= hashPassword(password);
      users.addUser({
        name: role,
        role,
        passwordHash: await passwordHash,
        createdAt: '2026-11-23T03:00:00+08:00',
      });
      return `gatehouse_session=${await new Sessions(parts.store, clock).open(role)}`;
    },
    /** Goes the way of the console's page into the flow editor; returns the editor's cookie. */
    async enterEditor(cookie: string): Promise<string> {
      const { body } = await call('POST', '/api/editor/tickets', { cookie, body: {} });
      const entered = await fetch(String(body.enter), {
        method: 'POST',
        headers: { origin },
        body: new URLSearchParams({ ticket: String(body.ticket) }),
        redirect: 'manual',
      });
      return entered.headers.get('set-cookie')?.split(';')[0] ?? '';
    },
    /**
     * Opens a raw request and hands over the response while it streams. `target` is the target in the request
     * line.
     */
    open(target: string, headers: Record<string, string>, at = origin): Promise<IncomingMessage> {
      return new Promise((resolve, reject) => {
        const request = httpRequest(at, { path: target, headers, agent: false });
        request.once('response', resolve);
        request.once('error', reject);
        request.end();
      });
    },
    stop: () => server.stop(),
  };
}

/** Events of a stream one by one; `stop()` ends it. */
export function eventsOf(response: IncomingMessage) {
  const iterator = readEventStream(response);
  return {
    async next() {
      const { value, done } = await iterator.next();
      if (done) throw new Error('the stream ended');
      return value;
    },
    stop: () => response.destroy(),
  };
}
