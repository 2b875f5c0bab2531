import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type CommandOutcome, ConditionName, WireCommand } from '@gatehouse/contracts';
import { CommandIds } from '../command-ids.ts';
import { deviceEntry, wireCommand, wireCondition } from '../outbox-entries.ts';

const root = join(import.meta.dirname, '../../../..');
/** The folders whose code names conditions. */
const places = [
  ...['edge-runtime/rules', 'edge-runtime/incidents', 'edge-runtime/vision/health', 'drivers/devices'],
  ...['drivers/access', 'edge-runtime/runtime'],
];
const named = /(?:\bname: |\byes\(|\babove\(|\bgate\(|\bname = [^;]*\? )'([a-z][a-z-]*)'/g;

const at = '2026-11-23T18:30:00.000+08:00';
const outcome = (origin: CommandOutcome['origin'], more: Partial<CommandOutcome> = {}): CommandOutcome => ({
  commandId: '6d1f3a52-9a1e-4d53-8f5e-0c5f6a8f9d10',
  device: 'gate',
  action: 'open',
  origin,
  state: 'confirmed',
  relay: 'actuated',
  feedback: 'reached',
  acceptedAt: at,
  ...more,
});
const ids = new CommandIds(() => 'key');

test('every condition that rules, cameras and devices name is one that the platform knows', () => {
  const names = places.flatMap((place) =>
    readdirSync(join(root, place), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !`/${file}`.includes('/test/'))
      .flatMap((file) =>
        [...readFileSync(join(root, place, file), 'utf8').matchAll(named)].map(([, name]) => name),
      ),
  );
  assert.deepEqual(
    [...new Set(names)].filter((name) => !ConditionName.safeParse(name).success),
    [],
  );
  assert.deepEqual(
    ConditionName.options.filter((name) => !names.includes(name)),
    [],
    'and it knows no other',
  );
});

test('a condition of a sensor is told with its value named apart', () => {
  const beyond = { name: 'temperature', value: 46.2, threshold: 45, unit: '°C', passed: true };
  assert.deepEqual(wireCondition(beyond), [{ ...beyond, name: 'reading', of: 'temperature' }]);
  const broken = { name: 'temperature-measured', value: false, passed: false };
  assert.deepEqual(wireCondition(broken), [{ ...broken, name: 'measured', of: 'temperature' }]);
  assert.deepEqual(wireCondition({ name: 'Wörter hier', value: 1, passed: true }), []);
  assert.deepEqual(wireCondition({ name: 'dwell', value: 'c2VjcmV0', passed: true }), []);
});

test('who gave a command is told where the box knows it, and what anybody claims is not', () => {
  const of = (origin: CommandOutcome['origin']) => wireCommand(outcome(origin), ids).origin;
  const reason = '快递';
  assert.deepEqual(of({ channel: 'console', user: '王师傅', reason }), {
    channel: 'console',
    user: '王师傅',
  });
  assert.deepEqual(of({ channel: 'console', user: 'a'.repeat(60) }), { channel: 'console' });
  assert.deepEqual(of({ channel: 'reader', user: 'side-reader' }), {
    channel: 'reader',
    reader: 'side-reader',
  });
  for (const channel of ['flows', 'schedule', 'cli', 'box'] as const)
    assert.deepEqual(of({ channel, user: 'wang', reason }), { channel });
  assert.deepEqual(of({ channel: 'upstream', user: 'li', reason, key: 'city-1' }), {
    channel: 'upstream',
    user: 'li',
    key: 'city-1',
  });
});

test('the id of a command is the platform’s own, or one that whoever asked cannot choose', () => {
  const { commandId } = outcome({ channel: 'flows', user: 'x' });
  const idOf = (channel: CommandOutcome['origin']['channel'], id = commandId) =>
    wireCommand(outcome({ channel, user: 'x' }, { commandId: id }), ids).commandId;
  assert.equal(idOf('upstream'), commandId);
  const made = idOf('flows');
  assert.notEqual(made, commandId);
  assert.equal(idOf('flows', commandId.toUpperCase()), made, 'a repeat is a repeat');
  assert.ok(WireCommand.shape.commandId.safeParse(made).success);
  const another = new CommandIds(() => 'another').idOf(commandId);
  assert.notEqual(another, made);
});

test('a reason that no list has leaves as OTHER, whatever stands in it', () => {
  const about = { id: randomUUID(), sequence: 1, at, type: 'comms', device: 'gate', comms: 'lost' } as const;
  const of = (reason: string) => deviceEntry({ ...about, reason }, ids)?.data.reason;
  assert.equal(of('BUS_DOWN: bus gate: cannot open /dev/serial/by-id/usb-FTDI (ENOENT).'), 'BUS_DOWN');
  assert.equal(of('unplugged'), 'OTHER');
  assert.equal(of('c2VjcmV0c2VjcmV0'), 'OTHER');
  assert.equal(
    wireCommand(outcome({ channel: 'cli', user: 'x' }, { reason: 'NEW_CODE' }), ids).reason,
    'OTHER',
  );
});
