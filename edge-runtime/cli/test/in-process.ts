import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext } from 'node:test';
import type { Language } from '@gatehouse/contracts';
import { closeServer } from '@gatehouse/harness';
import { listenOnSocket, systemClock } from '@gatehouse/kit';
import { run } from '../run.ts';

/** State and sockets of this test file, where the verbs look for them. */
export const folder = mkdtempSync(join(tmpdir(), 'gh-cli-'));
after(() => rmSync(folder, { recursive: true, force: true }));
Object.assign(process.env, {
  GATEHOUSE_STATE_DIR: folder,
  GATEHOUSE_RUN_DIR: folder,
  GATEHOUSE_MODEL_MIRROR: '',
  GATEHOUSE_SITE: '',
});

export function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

/** Runs a verb in this process, so that a peer of the test can answer it meanwhile. */
export async function verb(language: Language, ...args: readonly string[]) {
  const said: { readonly lines: string[]; readonly notes: string[] } = { lines: [], notes: [] };
  const output = {
    language,
    line: (text: string) => void said.lines.push(text),
    note: (text: string) => void said.notes.push(text),
  };
  const status = await run(args, output, systemClock);
  return { status, out: said.lines.join('\n'), err: said.notes.join('\n') };
}

/** A service that gives each route the same answer, until the test ends. */
export async function service(
  t: TestContext,
  name: 'runtime' | 'drivers',
  answers: Readonly<Record<string, unknown>>,
): Promise<void> {
  const server = createServer((request, response) => {
    const route = `${request.method} ${request.url?.split('?')[0]}`;
    response.writeHead(route in answers ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answers[route] ?? { code: 'ROUTE_UNKNOWN', message: route, remedy: '' }));
  });
  await listenOnSocket(server, join(folder, name, 'cli', 'api.sock'));
  t.after(() => closeServer(server));
}
