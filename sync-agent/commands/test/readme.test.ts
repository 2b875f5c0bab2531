import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { jsonOf, openEnvelope, payloadTypes, readPlatformCommand } from '@gatehouse/contracts';
import { systemClock } from '@gatehouse/kit';
import { scratchDir } from '../../test/support/scratch.ts';
import { newKeyPair } from '../signer.ts';

const readme = readFileSync(join(import.meta.dirname, '..', 'README.md'), 'utf8');

test("the page's Python program and a key made by openssl make a command that the box takes", (t) => {
  const dir = scratchDir(t);
  const key = join(dir, 'city.key');
  const program = join(dir, 'sign.py');
  writeFileSync(program, /```python\n(.*?)```/s.exec(readme)?.[1] ?? '');
  execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', key]);
  const der = execFileSync('openssl', ['pkey', '-in', key, '-pubout', '-outform', 'DER']);
  const message = execFileSync('python3', [program, key, 'demo-box', 'main-barrier', 'open']);
  const keys = [{ id: 'city-1', publicKey: der.subarray(-32).toString('base64') }];
  const envelope = openEnvelope(message, { type: payloadTypes.command, keys, maxBytes: 4096 });
  assert.ok(envelope.ok);
  const reading = readPlatformCommand(jsonOf(envelope.payload), 'demo-box', systemClock.epochMs());
  assert.ok(reading.ok);
  assert.deepEqual(reading.command.data, { device: 'main-barrier', action: 'open', user: 'li' });
  const another = [{ id: 'city-1', publicKey: newKeyPair().publicKey }];
  assert.equal(
    openEnvelope(message, { type: payloadTypes.command, keys: another, maxBytes: 4096 }).ok,
    false,
  );
});

test("the page's payload is one that the box takes, and every reason that the code can give stands in its table", () => {
  const payload = /```json\n(\{"specversion".*?)\n```/s.exec(readme)?.[1] ?? '';
  const reading = readPlatformCommand(JSON.parse(payload), 'demo-box', Date.parse('2026-11-26T04:00:01Z'));
  assert.ok(reading.ok);
  const sources = [
    'contracts/signed-message.ts',
    'contracts/platform-command.ts',
    'runtime/platform-post.ts',
  ].map((file) => readFileSync(join(import.meta.dirname, '../../../edge-runtime', file), 'utf8'));
  const gate = readFileSync(
    join(import.meta.dirname, '../../../drivers/commands/platform-commands.ts'),
    'utf8',
  );
  const codes = [...sources, gate].flatMap((text) => text.match(/'[A-Z]+(?:_[A-Z]+)+'|'RETAINED'/g) ?? []);
  const internal = ['PEER_DOWN', 'MESSAGES_LIMITED'];
  for (const code of new Set(codes.map((quoted) => quoted.slice(1, -1))))
    assert.ok(internal.includes(code) || readme.includes(`\`${code}\``), code);
});
