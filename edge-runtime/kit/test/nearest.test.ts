import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byNearness, nearest } from '@gatehouse/kit';
import fc from 'fast-check';

const cases: readonly (readonly [word: string, known: readonly string[], meant: string | undefined])[] = [
  ['user', ['url', 'username', 'password', 'id'], 'username'],
  ['baud', ['id', 'kind', 'path', 'baudRate', 'parity'], 'baudRate'],
  ['illegal_parking', ['illegal-parking', 'fire-passage', 'crowd'], 'illegal-parking'],
  ['gatebus', ['gate-bus', 'yard-bus'], 'gate-bus'],
  [
    'waveshare-relay',
    ['lctech-modbus-relay-8ch', 'waveshare-modbus-rtu-relay-8ch'],
    'waveshare-modbus-rtu-relay-8ch',
  ],
  ['ｎａｍｅ', ['id', 'name'], 'name'],
  ['polygno', ['polygon', 'rules'], 'polygon'],
  ['colour', ['id', 'name', 'url'], undefined],
  ['x', [], undefined],
];

for (const [word, known, meant] of cases)
  test(`"${word}" is taken for ${meant ?? 'nothing that is known'}`, () => {
    assert.equal(nearest(word, known), meant);
  });

test('the nearest comes first, none is left out, and what is known is itself the nearest', () => {
  const words = fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(words, fc.string({ maxLength: 30 }), (known, word) => {
      assert.deepEqual(byNearness(word, known).toSorted(), known.toSorted());
      for (const one of known)
        assert.equal(byNearness(one, known)[0]?.replaceAll('-', ''), one.replaceAll('-', ''));
    }),
  );
});
