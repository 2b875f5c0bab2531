import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import type { Exchange, Step } from './storm.ts';

/** A request as it goes over the line. */
function request(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  body?: string | Buffer,
): Step[] {
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const lines = Object.entries({ host: '127.0.0.1', ...headers, ...length }).map(
    ([name, text]) => `${name}: ${text}`,
  );
  const head = `${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
  return body === undefined ? [head] : [head, body];
}

function upgrade(path: string, headers: Readonly<Record<string, string>>): Step[] {
  return request('GET', path, {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': randomBytes(16).toString('base64'),
    ...headers,
  });
}

/** A masked text frame of a client (RFC 6455, 5.2), under 126 bytes. */
function frame(text: string): Buffer {
  const mask = randomBytes(4);
  const bytes = Buffer.from(text).map((byte, i) => byte ^ (mask[i % 4] ?? 0));
  return Buffer.concat([Buffer.from([0x81, 0x80 | bytes.length]), mask, bytes]);
}

const json = { 'content-type': 'application/json' };

export interface ConsoleLogin {
  readonly port: number;
  readonly cookie: string;
}

/** Exchanges of browsers with the console: pages, calls, the event stream, live views. */
export function consoleExchanges({ port, cookie }: ConsoleLogin): Exchange[] {
  const own = { cookie };
  const at = (name: string, steps: readonly Step[]): Exchange => ({
    name: `console: ${name}`,
    connect: () => connect(port, '127.0.0.1'),
    steps,
  });
  return [
    at('page', [...request('GET', '/'), 'hear']),
    at('asset', [...request('GET', '/icon.svg'), 'hear']),
    at('call', [...request('GET', '/api/incidents', own), 'hear']),
    at('call with a body', [
      ...request('POST', '/api/login', { ...json, 'x-gatehouse': '1' }, '{"user":"x","password":"a guess"}'),
      'hear',
    ]),
    at(
      'large body',
      request('POST', '/api/login', { ...json, 'x-gatehouse': '1' }, `{"user":"${'x'.repeat(60_000)}"}`),
    ),
    at('events', [...request('GET', '/api/events', own), 'hear', 'hear', 'hear']),
    at('still', [...request('GET', '/api/cameras/east/still', own), 'hear']),
    at('live view', [...upgrade('/api/cameras/east/live', own), 'hear', 'hear', 'hear', frame('hello')]),
    at('upgrade that is refused', [...upgrade('/api/cameras/east/live', {}), 'hear']),
    at('no HTTP', [randomBytes(300), 'hear']),
    at('two at once', [...request('GET', '/api/health'), ...request('GET', '/api/site', own), 'hear']),
  ];
}

/** Exchanges of browsers with the flow editor: its files, deploys, its socket. */
export function editorExchanges({ port, cookie }: ConsoleLogin): Exchange[] {
  const own = { cookie };
  const at = (name: string, steps: readonly Step[]): Exchange => ({
    name: `editor: ${name}`,
    connect: () => connect(port, '127.0.0.1'),
    steps,
  });
  return [
    at('page', [...request('GET', '/flows/', own), 'hear']),
    at('large script', [...request('GET', '/flows/red/red.min.js', own), 'hear', 'hear', 'hear']),
    at('flows', [...request('GET', '/flows/flows', own), 'hear']),
    at('body of a call', [
      ...request('POST', '/flows/settings/user', { ...own, ...json }, `{"x":"${'y'.repeat(20_000)}"}`),
      'hear',
    ]),
    at('way in', [...request('POST', '/enter', {}, 'ticket=x'), 'hear']),
    at('socket', [
      ...upgrade('/flows/comms', own),
      'hear',
      frame('{"subscribe":"notification/#"}'),
      'hear',
      frame('{}'),
    ]),
    at('socket with garbage', [...upgrade('/flows/comms', own), 'hear', randomBytes(64), 'hear']),
    at('socket that is refused', [...upgrade('/flows/other', own), 'hear']),
  ];
}

/** Exchanges of a caller with a local API: calls and streams of these paths, and a body that breaks off. */
export function localExchanges(
  name: string,
  path: string,
  calls: readonly string[],
  streams: readonly string[],
): Exchange[] {
  const at = (what: string, steps: readonly Step[]): Exchange => ({
    name: `${name}: ${what}`,
    connect: () => connect(path),
    steps,
  });
  return [
    ...calls.map((call) => at(call, [...request('GET', call), 'hear'])),
    ...streams.map((stream) => at(stream, [...request('GET', stream), 'hear', 'hear', 'hear'])),
    at('body', [...request('POST', '/nothing', json, `{"x":"${'y'.repeat(30_000)}"}`), 'hear']),
    at('upgrade', [...upgrade('/events', {}), 'hear']),
    at('no HTTP', [randomBytes(300), 'hear']),
  ];
}
