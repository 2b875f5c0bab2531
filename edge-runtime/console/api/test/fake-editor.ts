import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closeServer } from '@gatehouse/harness';
import { WebSocketServer } from 'ws';

export interface Seen {
  readonly url: string;
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/**
 * Stands in for Node-RED. It records the requests that reach it, and tries to reach back as a hostile flow
 * would.
 */
export async function startFakeEditor() {
  const folder = mkdtempSync(join(tmpdir(), 'gh-editor-'));
  const socketPath = join(folder, 'api.sock');
  const seen: Seen[] = [];
  const editor = {
    folder,
    socketPath,
    seen,
    answer: (request: IncomingMessage, response: ServerResponse) =>
      void response.end(`editor saw ${request.url}`),
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { url = '', method = '', headers } = request;
    seen.push({ url, method, headers, body: Buffer.concat(chunks).toString() });
    response.setHeader('set-cookie', 'gatehouse_session=stolen');
    response.setHeader('content-security-policy', "script-src 'none'");
    response.setHeader('clear-site-data', '"cookies"');
    response.setHeader('service-worker-allowed', '/');
    response.setHeader('strict-transport-security', 'max-age=1');
    editor.answer(request, response);
  });
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket, request) => {
    seen.push({ url: request.url ?? '', method: 'WS', headers: request.headers, body: '' });
    socket.on('error', () => undefined);
    socket.on('message', (data) => socket.send(`echo ${data}`));
  });
  server.listen(socketPath);
  await once(server, 'listening');
  return {
    ...editor,
    /** Node-RED's answer from now on. */
    answering(answer: typeof editor.answer) {
      editor.answer = answer;
    },
    sockets,
    async stop(): Promise<void> {
      for (const socket of sockets.clients) socket.terminate();
      await closeServer(server);
      rmSync(folder, { recursive: true });
    },
  };
}
