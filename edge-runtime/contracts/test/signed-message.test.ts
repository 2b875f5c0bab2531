import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import { jsonOf, openEnvelope, PlatformKeys, payloadTypes, readPlatformCommand } from '@gatehouse/contracts';
import fc from 'fast-check';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const keys = [
  {
    id: 'city',
    publicKey: Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url').toString('base64'),
  },
];
const type = payloadTypes.command;
const open = (bytes: Uint8Array) => openEnvelope(bytes, { type, keys, maxBytes: 4096 });

function signed(body: Uint8Array): Buffer {
  const head = Buffer.from(`DSSEv1 ${type.length} ${type} ${body.length} `);
  const sig = sign(null, Buffer.concat([head, body]), privateKey).toString('base64');
  const payload = Buffer.from(body).toString('base64');
  return Buffer.from(JSON.stringify({ payloadType: type, payload, signatures: [{ keyid: 'city', sig }] }));
}

test('what was signed is read back byte for byte', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), (body) => {
      const reading = open(signed(body));
      assert.ok(reading.ok);
      assert.deepEqual([...reading.payload], [...body]);
    }),
    { numRuns: 200, seed: 1 },
  );
});

test('any changed byte is refused, or reads as exactly what was signed', () => {
  const body = Buffer.from(JSON.stringify({ device: 'door', action: 'open' }));
  const good = signed(body);
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const bad = Buffer.from(good);
      bad[at] = (bad[at] ?? 0) ^ change;
      const reading = open(bad);
      // Base64 ignores the last bits of a last digit: only the bytes that it stands for count.
      assert.ok(!reading.ok || reading.payload.equals(body));
    }),
    { numRuns: 2000, seed: 2 },
  );
});

test('nothing that anybody can send makes the reader throw or pass', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 5000 }),
    fc.json().map((text) => Buffer.from(text)),
    fc
      .record({
        payloadType: fc.oneof(fc.constant(type), fc.string()),
        payload: fc.oneof(fc.base64String(), fc.string()),
        signatures: fc.array(
          fc.record({
            keyid: fc.constantFrom('city', 'other', '__proto__'),
            sig: fc.oneof(fc.base64String({ minLength: 88, maxLength: 88 }), fc.string()),
          }),
          { maxLength: 3 },
        ),
      })
      .map((envelope) => Buffer.from(JSON.stringify(envelope))),
  );
  fc.assert(
    fc.property(bytes, (message) => assert.equal(open(message).ok, false)),
    { numRuns: 2000, seed: 3 },
  );
});

test('no verified payload makes the reader of commands throw', () => {
  fc.assert(
    fc.property(fc.oneof(fc.anything(), fc.uint8Array().map(jsonOf)), (payload) => {
      assert.equal(readPlatformCommand(payload, 'box-1', 0).ok, false);
    }),
    { numRuns: 1000, seed: 4 },
  );
});

test('a list of keys with one id twice, or with something that is no key, is refused', () => {
  assert.ok(PlatformKeys.safeParse(keys).success);
  assert.equal(PlatformKeys.safeParse([...keys, ...keys]).success, false);
  assert.equal(PlatformKeys.safeParse([{ id: 'city', publicKey: 'AAAA' }]).success, false);
  assert.equal(PlatformKeys.safeParse([]).success, false);
});
