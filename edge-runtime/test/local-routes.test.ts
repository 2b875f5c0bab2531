import assert from 'node:assert/strict';
import { test } from 'node:test';
import { spelledRoutes } from './local-routes.ts';
import { sourceFiles } from './source-tree.ts';

test('no file spells a route of a local API: tables in contracts/local name them all', () => {
  assert.deepEqual(spelledRoutes(sourceFiles()), []);
});

test('a spelled route would be noticed in every form it has had', () => {
  const found = (text: string) => spelledRoutes([{ path: 'drivers/api/a.ts', text }]).length;
  assert.equal(found("await drivers.call('GET', '/devices');"), 1);
  assert.equal(found("vision.callRaw(\n  'POST',\n  `/redactions?maxPeople=6`,\n);"), 1);
  assert.equal(found("app.get('/health', answer);"), 1);
  assert.equal(found("const route = '/outbox/ready';"), 1);
  assert.equal(found('const route = `/gatehouse/flows/undo`;'), 1);
  assert.equal(found("await drivers.call('devices');"), 0);
  assert.equal(spelledRoutes([{ path: 'drivers/test/a.ts', text: "c.call('GET', '/fire')" }]).length, 0);
});
