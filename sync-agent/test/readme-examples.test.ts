import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { eventTypes, WireAck, WireEvent } from '@gatehouse/contracts';
import { takeIn } from '../receiver/intake.ts';
import { allowListed } from '../uplink/egress.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const examples = [...readme.matchAll(/```json\n(.+?)\n```/gs)].map(([, text]) => JSON.parse(text ?? ''));
const events = examples.filter((example) => 'specversion' in example);

test('the page shows one example of every event type', () => {
  assert.deepEqual(events.map((event) => event.type).sort(), Object.values(eventTypes).sort());
});

test('every example event is one that the box lets out and the receiver understands', () => {
  for (const example of events) {
    const event = WireEvent.parse(example);
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
