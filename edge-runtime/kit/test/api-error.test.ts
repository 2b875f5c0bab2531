import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiErrorAnswer, GatehouseError, routeUnknown } from '@gatehouse/kit';

test('whose fault an error is gives its status, unless its code has one of its own', () => {
  const statusOf = { DOOR_UNKNOWN: 404, DISK_FULL: 507 };
  const statuses = [
    new GatehouseError('DOOR_UNKNOWN', 'input', 'no such door.', ''),
    new GatehouseError('ANGLE_INVALID', 'input', 'no such angle.', ''),
    new GatehouseError('DISK_FULL', 'environment', 'no space.', ''),
    new GatehouseError('CABLE_OUT', 'environment', 'no cable.', ''),
    new GatehouseError('BOARD_SILENT', 'peer', 'no answer.', ''),
    new GatehouseError('IMPOSSIBLE', 'bug', 'cannot be.', ''),
    routeUnknown('GET', '/nothing'),
  ].map((error) => apiErrorAnswer(error, statusOf).status);
  assert.deepEqual(statuses, [404, 400, 507, 503, 502, 500, 404]);
});

test('an answer carries code, message and remedy', () => {
  const error = new GatehouseError('CABLE_OUT', 'environment', 'bus 1: no cable.', 'Plug it in.');
  assert.deepEqual(apiErrorAnswer(error).body, {
    error: { code: 'CABLE_OUT', message: 'bus 1: no cable.', remedy: 'Plug it in.' },
  });
});

test('an error nobody foresaw tells the caller nothing of itself', () => {
  for (const error of [
    new Error('/etc/gatehouse/secret.yaml'),
    'text',
    Object.assign(new Error(), { status: 500 }),
  ]) {
    const { status, body } = apiErrorAnswer(error);
    assert.deepEqual(
      [status, body.error.code, body.error.message.includes('secret')],
      [500, 'INTERNAL', false],
    );
  }
});

test('a body that the parser refused is the caller’s fault and keeps the parser’s status', () => {
  const tooLarge = Object.assign(new Error('request entity too large'), { status: 413 });
  const { status, body } = apiErrorAnswer(tooLarge);
  assert.deepEqual([status, body.error.code], [413, 'BODY_INVALID']);
});
