import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiErrorAnswer, errorOf, GatehouseError, routeUnknown } from '@gatehouse/kit';

test('whose fault an error is gives its status, unless the table has one for its code', () => {
  const statuses = [
    errorOf('DEVICE_UNKNOWN', { name: 'gate', known: 'There is none.' }),
    new GatehouseError('ANGLE_INVALID', 'input', 'no such angle.', ''),
    errorOf('JOURNAL_FULL', { file: 'drivers.db' }),
    new GatehouseError('CABLE_OUT', 'environment', 'no cable.', ''),
    new GatehouseError('BOARD_SILENT', 'peer', 'no answer.', ''),
    new GatehouseError('IMPOSSIBLE', 'bug', 'cannot be.', ''),
    routeUnknown('GET', '/nothing'),
  ].map((error) => apiErrorAnswer(error).status);
  assert.deepEqual(statuses, [404, 400, 507, 503, 502, 500, 404]);
});

test('an error that another process has told keeps the status of its code', () => {
  const status = (code: string, fault: 'input' | 'peer') =>
    apiErrorAnswer(new GatehouseError(code, fault, '', '')).status;
  assert.equal(status('COMMAND_ID_REUSED', 'input'), 409);
  assert.equal(status('JOURNAL_FULL', 'peer'), 507);
  // A body over the console's limit is its sender's fault. A peer's answer that is too long is not: the
  // sender cannot know of it.
  assert.deepEqual([status('BODY_TOO_LARGE', 'input'), status('BODY_TOO_LARGE', 'peer')], [413, 502]);
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
