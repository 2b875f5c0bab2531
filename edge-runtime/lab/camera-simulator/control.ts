import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { CameraSimulator } from './index.ts';
import { misbehaviours } from './stream.ts';

const maxBodyBytes = 1024;

/**
 * The simulator's HTTP control, for loopback only: `GET /streams`, `POST /misbehave {"stream","kind"}`, `POST
 * /heal {"stream"}`. Answers JSON; 400 names the mistake.
 */
export function controlServer(simulator: CameraSimulator, paths: readonly string[]): Server {
  return createServer((request, response) => {
    answer(request, simulator, paths).then(
      (body) => reply(response, 200, body),
      (error: unknown) =>
        reply(response, 400, { error: error instanceof Error ? error.message : String(error) }),
    );
  });
}

async function answer(
  request: IncomingMessage,
  simulator: CameraSimulator,
  paths: readonly string[],
): Promise<unknown> {
  // Loopback does not keep out a request that a page of the Internet makes this machine's browser send;
  // browsers name their origin.
  if (request.headers.origin !== undefined) throw new Error('web pages have no say here');
  const route = `${request.method} ${request.url}`;
  if (route === 'GET /streams')
    return paths.map((path) => ({
      stream: path,
      url: simulator.url(path),
      position: simulator.position(path),
      viewers: simulator.viewers(path),
    }));
  if (route !== 'POST /misbehave' && route !== 'POST /heal') throw new Error(`there is no ${route}`);
  const { stream, kind } = JSON.parse(await readBody(request));
  if (route === 'POST /heal') await simulator.heal(stream);
  else if (misbehaviours.includes(kind)) await simulator.misbehave(stream, kind);
  else throw new Error(`kind must be one of ${misbehaviours.join(', ')}`);
  return { stream, kind: route === 'POST /heal' ? 'none' : kind };
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) {
    body += chunk;
    if (body.length > maxBodyBytes) throw new Error(`a body may be at most ${maxBodyBytes} bytes`);
  }
  return body;
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  response.end(`${JSON.stringify(body)}\n`);
}
