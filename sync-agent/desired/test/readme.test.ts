import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  DesiredPhase,
  DesiredWait,
  jsonOf,
  maxDesiredBytes,
  openEnvelope,
  parseSite,
  payloadTypes,
  readPlatformDesired,
} from '@gatehouse/contracts';
import { scratchFolder } from '@gatehouse/harness';
import { systemClock } from '@gatehouse/kit';
import { newKeyPair } from '../../commands/signer.ts';

const here = import.meta.dirname;
const readme = readFileSync(join(here, '..', 'README.md'), 'utf8');
const runtime = join(here, '../../../edge-runtime/runtime/desired-state');

test("the page's payload is one that the box takes, and its settings are ones that a site file may have", () => {
  const payload = /```json\n(\{"specversion".*?)\n```/s.exec(readme)?.[1] ?? '';
  const reading = readPlatformDesired(JSON.parse(payload), 'demo-box', Date.parse('2026-11-26T04:00:01Z'));
  assert.ok(reading.ok);
  const settings = (/```yaml\n(uplink:.*?)```/s.exec(readme)?.[1] ?? '')
    .replace('<44 characters>', newKeyPair().publicKey)
    .replace('uplink:', 'uplink:\n  url: mqtt://127.0.0.1');
  const site = `version: 1\nsite: { id: s, name: { zh-CN: 小区, en: S } }\nbox: { id: b }\n${settings}`;
  const parsed = parseSite(site);
  assert.ok(parsed.ok, JSON.stringify(parsed));
  assert.deepEqual(parsed.site.permissions.upstream.configure, ['zones', 'flows']);
});

test("the page's zones, sent as it says, make a message that the box takes; so do a site file's and Node-RED's export", (t) => {
  const dir = scratchFolder(t);
  const keys = newKeyPair();
  const files = { key: join(dir, 'key'), zones: join(dir, 'zones.yaml'), site: join(dir, 'site.yaml') };
  writeFileSync(files.key, keys.privateKey);
  writeFileSync(files.zones, /```yaml\n(east-lane:.*?)```/s.exec(readme)?.[1] ?? '');
  writeFileSync(files.site, readFileSync(join(here, '../../../edge-runtime/lab/demo/site.yaml')));
  const flows = join(here, '../../../flows/examples/help-emergency.json');
  const dryRun = (...more: string[]) => {
    const program = join(here, '..', 'send.ts');
    const args = [
      '--key',
      files.key,
      '--key-id',
      'city-1',
      '--box',
      'demo-box',
      '--version',
      '12',
      '--dry-run',
    ];
    const { stdout, stderr } = spawnSync(process.execPath, [program, ...args, ...more], { encoding: 'utf8' });
    const envelope = openEnvelope(Buffer.from(stdout.trim()), {
      type: payloadTypes.desired,
      keys: [{ id: 'city-1', publicKey: keys.publicKey }],
      maxBytes: maxDesiredBytes,
    });
    assert.ok(envelope.ok, stderr);
    const reading = readPlatformDesired(jsonOf(envelope.payload), 'demo-box', systemClock.epochMs());
    assert.ok(reading.ok, `${more}: ${'why' in reading && reading.why}`);
    return reading.desired.data.parts;
  };
  assert.deepEqual(Object.keys(dryRun('--zones', files.zones).zones ?? {}), ['east-lane']);
  assert.ok(Object.keys(dryRun('--zones', files.site).zones ?? {}).length > 1);
  assert.ok((dryRun('--flows', flows).flows ?? []).length > 3);
  const wrong = spawnSync(process.execPath, [join(here, '..', 'send.ts'), '--box', 'b'], {
    encoding: 'utf8',
  });
  assert.deepEqual([wrong.status, wrong.stdout], [2, '']);
});

test('every phase, every wait and every reason that the code can give stands on the page', () => {
  for (const word of [...DesiredPhase.options, ...DesiredWait.options])
    assert.ok(readme.includes(`\`${word}\``), word);
  const files = [
    ...readdirSync(runtime)
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join(runtime, file)),
    ...['signed-message.ts', 'platform-desired.ts'].map((file) =>
      join(here, '../../../edge-runtime/contracts/wire', file),
    ),
    join(here, '../../../edge-runtime/runtime/site/current-site.ts'),
    join(here, '../../../flows/host/deployments.ts'),
  ];
  const codes = files.flatMap(
    (file) => readFileSync(file, 'utf8').match(/'[A-Z]+(?:_[A-Z]+)+'|'INTERNAL'/g) ?? [],
  );
  /** Of the hand-over and of health, not of a version; and what a camera's own state is called. */
  const internal = ['MESSAGES_LIMITED', 'DESIRED_NOT_KEPT', 'DESIRED_WAITS', 'VISION_DOWN'];
  for (const code of new Set(codes.map((quoted) => quoted.slice(1, -1))))
    assert.ok(internal.includes(code) || readme.includes(`\`${code}\``), code);
});
