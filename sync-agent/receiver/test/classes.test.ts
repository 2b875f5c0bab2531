import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventClass } from '@gatehouse/contracts';
import { GatehouseError } from '@gatehouse/kit';
import { eventFilters, readClasses } from '../classes.ts';

test('a receiver takes all classes unless told otherwise, repeated or with commas, in any order', () => {
  assert.deepEqual(readClasses([]), EventClass.options);
  assert.deepEqual(readClasses(['']), EventClass.options);
  assert.deepEqual(readClasses(['telemetry, door', 'health']), ['door', 'health', 'telemetry']);
  assert.throws(
    () => readClasses(['alarm,alarms']),
    (error) => error instanceof GatehouseError && /"alarms".*/.test(error.message),
  );
});

test('a class is shared by all that take it alone or with others, and only all of them are one subscription', () => {
  assert.deepEqual(eventFilters('g', EventClass.options, 5), ['$share/gatehouse-receivers/g/+/events/+']);
  assert.deepEqual(eventFilters('g', ['alarm'], 5), ['$share/gatehouse-receivers-alarm/g/+/events/alarm']);
  assert.deepEqual(eventFilters('g', ['alarm', 'door'], 5), [
    '$share/gatehouse-receivers-alarm/g/+/events/alarm',
    '$share/gatehouse-receivers-door/g/+/events/door',
  ]);
  assert.deepEqual(eventFilters('g', ['alarm', 'door'], 4), ['g/+/events/alarm', 'g/+/events/door']);
  assert.deepEqual(eventFilters('g', EventClass.options, 4), ['g/+/events/+']);
});
