import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventTypes, WireAck, WireEvent } from '@gatehouse/contracts';
import { freePort, scratchFolder, until } from '@gatehouse/harness';
import { seededRandom, silentLog, systemClock } from '@gatehouse/kit';
import { takeIn } from '../receiver/intake.ts';
import { allowListed } from '../uplink/egress.ts';
import { WebhookSink } from '../webhook/webhook-sink.ts';
import { startBox } from './support/box.ts';
import { comms } from './support/events.ts';
import { eventFault } from './support/published.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const examples = [...readme.matchAll(/```json\n(.+?)\n```/gs)].map(([, text]) => JSON.parse(text ?? ''));
const events = examples.filter((example) => 'specversion' in example);

test('the page shows one example of every event type', () => {
  assert.deepEqual(events.map((event) => event.type).sort(), Object.values(eventTypes).sort());
});

test('every example event is one that the box lets out and the receiver understands', () => {
  for (const example of events) {
    const event = WireEvent.parse(example);
    assert.equal(eventFault(example), undefined);
    const { boxid: box, epoch, eventclass, sequence } = event;
    const origin = { box, epoch, eventclass, sequence };
    if (event.type !== eventTypes.withheld) assert.equal(allowListed(example, origin).ok, true, event.type);
    const topic = `gatehouse/${box}/events/${eventclass}`;
    const intake = takeIn(
      { topic, payload: Buffer.from(JSON.stringify(example)), retained: false },
      'gatehouse',
    );
    assert.equal(intake.ok && intake.event.understanding, 'known', event.type);
  }
});

test('the example acknowledgement is a sound one', () => {
  const [ack] = examples.filter((example) => 'upTo' in example);
  assert.ok(WireAck.parse(ack));
});

test('the webhook receiver on the page receives, and what it writes is what was sent', async (t) => {
  const dir = scratchFolder(t);
  const port = await freePort();
  const [, program] = /```js\n(.+?)\n```/s.exec(readme) ?? [];
  writeFileSync(join(dir, 'receiver.mjs'), program ?? '');
  const child = spawn(process.execPath, ['receiver.mjs', String(port)], { cwd: dir, stdio: 'inherit' });
  t.after(() => child.kill('SIGKILL'));
  const kit = { clock: systemClock, random: seededRandom(5), log: silentLog };
  const url = `http://127.0.0.1:${port}/`;
  const sink = new WebhookSink({ ...kit, box: 'box-1', url, window: 100, timeoutMs: 5000 });
  const { runtime } = await startBox(t, { url }, { sink });
  for (let n = 1; n <= 150; n++) runtime.append('door', eventTypes.comms, { ...comms(`d-${n}`) });
  await until('acknowledged', () => runtime.waiting('door') === 0);
  const lines = readFileSync(join(dir, 'events.jsonl'), 'utf8').trim().split('\n');
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).sequence),
    Array.from({ length: 150 }, (_, i) => i + 1),
  );
});
