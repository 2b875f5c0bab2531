import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deafFiles } from './error-listeners.ts';
import { isTest, sourceFiles } from './source-tree.ts';

/**
 * Folders that are not part of the box: benches and tools, which a person starts again by hand, pages, and
 * the simulated world, which may not import the kit.
 */
const isNoService = (path: string) =>
  isTest(path) ||
  /\/(bench|training|accuracy|web|page|bootstrap|simulators|sim|camera-simulator)\//.test(path) ||
  /\.(mjs|cjs|js)$/.test(path);

test('whatever can fail by an event has a listener for every such event', () => {
  const product = sourceFiles().filter(({ path }) => !isNoService(path));
  assert.deepEqual(deafFiles(product), []);
});

test('each way not to listen would be noticed', () => {
  const found = (text: string, path = 'drivers/a.ts') => deafFiles([{ path, text }]).length;
  const net = "import { connect, type Socket } from 'node:net';\n";
  assert.equal(found(`${net}const socket = connect(1); socket.on('error', log);`), 0);
  assert.equal(found(`${net}const socket = connect(1);`), 1);
  assert.equal(found(`${net}connect(1).on('error', log); connect(2);`), 1);
  assert.equal(found(`${net}connect(1).once('error', reject);`), 2);
  assert.equal(found(`${net}// connect(1)\nclient.connect(1); type A = typeof connect;`), 0);
  assert.equal(found("import { request as ask } from 'node:http';\nask('http://box');"), 1);
  assert.equal(found("import { Worker } from 'node:worker_threads';\nconst w = new Worker(file);"), 1);
  const child = "import { spawn } from 'node:child_process';\nspawn('x').on('error', log);";
  assert.equal(found(child), 0);
  assert.equal(found(`${child} child.stdin.end(bytes);`), 1);
  const server = "import { createServer } from 'node:http';\ncreateServer(app).on('error', log);";
  assert.equal(found(server), 1);
  assert.equal(found(server, 'edge-runtime/kit/guarded-server.ts'), 0);
  const file = "import { createReadStream } from 'node:fs';\n";
  assert.equal(found(`${file}await pipeline(createReadStream(copy), response);`), 1);
  assert.equal(found(`${file}await sendStream(createReadStream(copy), response);`), 0);
  assert.equal(found(`${file}for await (const chunk of createReadStream(f)) hash.update(chunk);`), 0);
  assert.equal(found("import pg from 'pg';\nnew pg.Pool({});"), 1);
});
