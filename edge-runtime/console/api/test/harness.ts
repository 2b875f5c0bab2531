import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Role } from '@gatehouse/contracts';
import { closeServer, ManualClock, readEventStream, silentLog } from '@gatehouse/kit';
import { hashPassword } from '../auth/passwords.ts';
import { Sessions } from '../auth/sessions.ts';
import type { Console } from '../console.ts';
import { createConsole } from '../console.ts';
import type { ConsoleOptions } from '../options.ts';
import { fakePorts } from './fakes.ts';

export const password = 'correct horse';
let passwordHash: Promise<string> | undefined;

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
  readonly text: string;
}

export type Harness = Awaited<ReturnType<typeof startConsole>>;

/** The console on a real port with ports in memory and a clock moved by hand; `using` or `stop()` ends it. */
export async function startConsole(
  options: { editorSocket?: string; overrides?: Partial<ConsoleOptions> } = {},
) {
  const clock = new ManualClock(Date.parse('2026-11-23T03:15:00+08:00'));
  const { ports, audit } = fakePorts(options.editorSocket);
  const gate: Console = createConsole(ports, { clock, log: silentLog, ...options.overrides });
  const server = createServer(gate.app);
  gate.attachUpgrades(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = (server.address() as AddressInfo).port;
  const origin = `http://127.0.0.1:${port}`;

  const call = async (
    method: string,
    path: string,
    init: { cookie?: string | undefined; body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Answered> => {
    const headers: Record<string, string> = { ...init.headers };
    if (init.cookie) headers.cookie = init.cookie;
    if (method !== 'GET') headers['x-gatehouse'] ??= '1';
    if (init.body !== undefined) headers['content-type'] ??= 'application/json';
    const body = typeof init.body === 'string' ? init.body : JSON.stringify(init.body);
    const response = await fetch(origin + path, {
      method,
      headers,
      redirect: 'manual',
      ...(init.body === undefined ? {} : { body }),
    });
    const text = await response.text();
    const json = response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : {};
    return { status: response.status, headers: response.headers, body: json, text };
  };

  return {
    ...ports,
    console: gate,
    audit,
    ports,
    clock,
    origin,
    port,
    call,
    /** Adds a user of this role (named after it) and returns the cookie of a fresh login. */
    async as(role: Role): Promise<string> {
      passwordHash ??= hashPassword(password);
      ports.users.addUser({
        name: role,
        role,
        passwordHash: await passwordHash,
        createdAt: '2026-11-23T03:00:00+08:00',
      });
      return `gatehouse_session=${await new Sessions(ports.users, clock).open(role)}`;
    },
    /** Opens a raw request and hands over the response while it streams. */
    open(path: string, headers: Record<string, string>): Promise<IncomingMessage> {
      return new Promise((resolve, reject) => {
        const request = httpRequest(origin + path, { headers, agent: false });
        request.once('response', resolve);
        request.once('error', reject);
        request.end();
      });
    },
    async stop(): Promise<void> {
      gate.stop();
      await closeServer(server);
    },
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
