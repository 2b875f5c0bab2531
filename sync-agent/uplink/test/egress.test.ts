import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  digestOf,
  type EventType,
  eventTypes,
  type WireClockStep,
  type WireEvent,
  type WireGap,
  type WireGate,
  wireId,
} from '@gatehouse/contracts';
import fc from 'fast-check';
import { comms, incident } from '../../test/support/events.ts';
import { allowListed, wall, withheldEvent } from '../egress.ts';

const origin = { box: 'box-1', epoch: 'epoch-0001', eventclass: 'alarm' as const, sequence: 4 };

function row(type: EventType, data: unknown, changes: Record<string, unknown> = {}): unknown {
  const { box, epoch, eventclass, sequence } = origin;
  return {
    specversion: '1.0',
    id: wireId(box, epoch, eventclass, sequence),
    source: `urn:gatehouse:box:${box}`,
    type,
    time: '2026-11-23T18:30:00.000+08:00',
    datacontenttype: 'application/json',
    boxid: box,
    epoch,
    eventclass,
    sequence,
    data,
    ...changes,
  };
}

const command = {
  commandId: '6d1f3a52-9a1e-4d53-8f5e-0c5f6a8f9d10',
  device: 'gate',
  action: 'open',
  origin: { channel: 'console', user: '王师傅' },
  state: 'confirmed',
  relay: 'actuated',
  feedback: 'reached',
  acceptedAt: '2026-11-23T18:30:00.000+08:00',
  tookMs: 41,
};

const at = '2026-11-23T18:30:00.000+08:00';
const gap: WireGap = {
  ...{ class: 'telemetry', reason: 'quota', firstSequence: 3, lastSequence: 7, count: 5, bytes: 2500 },
  ...{ from: at, to: at },
};
const step: WireClockStep = { stepMs: -86_400_000, before: at, after: at, monotonicMs: 12 };

const reasonOf = (given: unknown) => {
  const decision = allowListed(given, origin);
  return decision.ok ? 'leaves' : `${decision.reason} ${decision.detail}`;
};

test('sound events of every type leave unchanged', () => {
  for (const given of [
    row(eventTypes.incident, incident(1)),
    row(eventTypes.incident, incident(1), { subject: incident(1).id }),
    row(eventTypes.command, command),
    row(eventTypes.comms, comms('gate')),
    row(eventTypes.gap, gap),
    row(eventTypes.gap, { class: 'health', reason: 'store-recovered', lostEpoch: 'epoch-0001' }),
    row(eventTypes.clockStep, step),
  ])
    assert.deepEqual(allowListed(given, origin), { ok: true, event: given });
});

test('the event about a picture holds a reference and no room for more', () => {
  const stored = {
    ...{ state: 'stored', media: command.commandId, incident: incident(1).id, sha256: 'a'.repeat(64) },
    ...{ bytes: 84_000, width: 960, height: 540, contentType: 'image/jpeg' },
    redaction: { faceModel: 'yunet-n', personModel: 'yolox-nano-dyn', faces: 1, persons: 2 },
    url: `https://media.platform.example:8443/pictures/box-1/${'a'.repeat(64)}`,
  };
  const withheld = {
    state: 'withheld',
    media: stored.media,
    incident: stored.incident,
    reason: 'too-many-people',
  };
  const reason = (data: unknown) => reasonOf(row(eventTypes.media, data)).split(' ')[0];
  assert.deepEqual([reason(stored), reason(withheld)], ['leaves', 'leaves']);
  for (const more of [
    { jpeg: '/9j/4AAQSkZJRg' },
    { bytes: 300_000 },
    { width: 1920 },
    { contentType: 'image/png' },
    { redaction: { ...stored.redaction, boxes: [] } },
    { redaction: undefined },
    { url: 'https://media.platform.example/elsewhere' },
    { url: `https://u:p@media.platform.example/box-1/${'a'.repeat(64)}` },
    { state: 'unredacted' },
  ])
    assert.equal(reason({ ...stored, ...more }), 'schema', JSON.stringify(more));
});

test('an event about a picture names the media address of the site file or none', () => {
  const sha256 = 'a'.repeat(64);
  const stored = {
    ...{ state: 'stored', media: command.commandId, incident: incident(1).id, sha256 },
    ...{ bytes: 84_000, width: 960, height: 540, contentType: 'image/jpeg' },
    redaction: { faceModel: 'yunet-n', personModel: 'yolox-nano-dyn', faces: 1, persons: 2 },
  };
  const own = 'https://media.platform.example:8443/pictures';
  const leaves = (url: string, mediaBase?: string) => {
    const decision = wall({ mediaBase })(row(eventTypes.media, { ...stored, url }), origin);
    assert.ok(decision.ok);
    return decision.event.data.url;
  };
  assert.equal(leaves(`${own}/box-1/${sha256}`, own), `${own}/box-1/${sha256}`);
  for (const [url, base] of [
    [`${own}/box-1/${sha256}`, undefined],
    [`${own}/box-2/${sha256}`, own],
    [`${own}/box-1/${'b'.repeat(64)}`, own],
    [`https://c2VjcmV0.example/${'c2VjcmV0'.repeat(4)}/box-1/${sha256}`, own],
  ] as const)
    assert.equal(leaves(url, base), undefined, url);
});

test('the wire evidence of a rule that counts all six classes leaves', () => {
  const gates: WireGate[] = [
    { name: 'class', value: 'car', threshold: 'person bicycle car motorcycle bus truck', passed: true },
    { name: 'inside-zone', value: true, threshold: true, passed: true },
  ];
  assert.equal(
    reasonOf(row(eventTypes.incident, incident(1, { evidence: { sinceMs: 0, atMs: 1, gates } }))),
    'leaves',
  );
});

test('numbers leave as coarse as what they measure, and a flow’s commands in whole seconds', () => {
  const fine = (data: Record<string, unknown>, type: EventType) => {
    const decision = allowListed(row(type, data, { time: '2026-11-23T18:30:00.123+08:00' }), origin);
    assert.ok(decision.ok);
    return decision.event;
  };
  const evidence = {
    ...{ sinceMs: 1, atMs: 2, box: { x1: 0.123456789, y1: 0.5, x2: 0.98765, y2: 1 } },
    gates: [
      { name: 'dwell', value: 30.123456789, threshold: 123456.789, unit: 's', passed: true },
      { name: 'clock-off', value: -1e300, passed: true },
      { name: 'covered', value: 1e-9, passed: false },
    ],
  };
  const found = fine(incident(1, { evidence } as never), eventTypes.incident).data
    .evidence as typeof evidence;
  assert.deepEqual(found.box, { x1: 0.123, y1: 0.5, x2: 0.988, y2: 1 });
  assert.deepEqual(
    found.gates.map(({ value, threshold }) => [value, threshold]),
    [
      [30.123, 123460],
      [-1e12, undefined],
      [0, undefined],
    ],
  );
  const values = [{ id: 'temperature', value: 46.2412345, unit: '°C', state: 'normal' }];
  const reading = fine({ device: 'pump', cause: 'period', values }, eventTypes.reading);
  assert.deepEqual(reading.data.values, [{ ...values[0], value: 46.241 }]);
  const times = {
    acceptedAt: '2026-11-23T18:30:00.456+08:00',
    finishedAt: '2026-11-23T10:30:01.7Z',
    tookMs: 1712,
  };
  const byFlow = fine({ ...command, ...times, origin: { channel: 'flows' } }, eventTypes.command);
  assert.deepEqual(
    [byFlow.time, byFlow.data.acceptedAt, byFlow.data.finishedAt, byFlow.data.tookMs],
    [at, at, '2026-11-23T10:30:01.000Z', 2000],
  );
  const byGuard = fine({ ...command, ...times }, eventTypes.command);
  assert.deepEqual([byGuard.time.slice(-10), byGuard.data.tookMs], ['.123+08:00', 1712]);
});

test('an event is about what its content says: another subject is another text', () => {
  const { id } = incident(1);
  assert.equal(reasonOf(row(eventTypes.incident, incident(1), { subject: id })), 'leaves');
  assert.equal(reasonOf(row(eventTypes.comms, comms('gate'), { subject: 'gate' })), 'leaves');
  for (const [type, data] of [
    [eventTypes.incident, incident(1)],
    [eventTypes.comms, comms('gate')],
    [eventTypes.clockStep, step],
  ] as const)
    assert.equal(
      reasonOf(row(type, data, { subject: 'c2vjcmv0' })),
      'envelope subject is not what the event is about',
    );
});

test('a refusal names the field and never its value', () => {
  const secret = 'c2VjcmV0'.repeat(8);
  const cases: [unknown, string][] = [
    [
      row(eventTypes.incident, { ...incident(1), handling: { by: secret } }),
      'schema data: unrecognized_keys (handling)',
    ],
    [
      row(eventTypes.comms, { device: 'gate', comms: 'lost', reason: secret }),
      'schema data.reason: invalid_value',
    ],
    [row(eventTypes.comms, comms('gate'), { subject: secret }), 'envelope subject: invalid_format'],
    [
      row(eventTypes.comms, comms('gate'), { thumbnail: secret }),
      'envelope event: unrecognized_keys (thumbnail)',
    ],
    [
      row(eventTypes.comms, comms('gate'), { [secret]: 1 }),
      'envelope event: unrecognized_keys (oddly named field)',
    ],
    [row('gatehouse.face.v1' as EventType, {}), 'unknown-type type: invalid_value'],
    [
      row(eventTypes.withheld, { reason: 'schema' }),
      'unknown-type only sync-agent writes gatehouse.withheld.v1',
    ],
    [row(eventTypes.comms, comms('gate'), { sequence: 5 }), "envelope sequence is not this store's"],
    [
      row(eventTypes.comms, comms('gate'), { id: 'box-1/epoch-0009/alarm/4' }),
      "envelope id is not this store's",
    ],
    [row(eventTypes.comms, { padding: 'x'.repeat(9000) }), 'too-large 9315 bytes, at most 8192 may leave'],
  ];
  for (const [given, expected] of cases) {
    assert.equal(reasonOf(given).replace(/^too-large \d+/, 'too-large 9315'), expected);
    assert.ok(!reasonOf(given).includes(secret));
  }
});

test('whatever is added anywhere in a sound event, it does not leave', () => {
  const sound = row(eventTypes.incident, incident(1)) as Record<string, unknown>;
  const paths = objectPaths(sound);
  fc.assert(
    fc.property(
      fc.constantFrom(...paths),
      fc.string({ minLength: 1, maxLength: 12 }),
      fc.jsonValue(),
      (path, key, value) => {
        const given = structuredClone(sound);
        const target = path.reduce<Record<string, unknown>>(
          (at, step) => at[step] as Record<string, unknown>,
          given,
        );
        fc.pre(key !== '__proto__' && !(key in target));
        target[key] = value;
        const decision = allowListed(given, origin);
        // The few optional fields of the schema may be guessed with a sound value; then nothing was smuggled.
        if (decision.ok) assert.deepEqual(decision.event, given);
        if (decision.ok)
          assert.match(key, /^(historical|settled|subject|device|clearedAt|threshold|unit|of)$/);
      },
    ),
    { seed: 9, numRuns: 1000 },
  );
});

test('no value at all makes it throw', () => {
  fc.assert(
    fc.property(fc.anything({ withBigInt: false, maxDepth: 4 }), (given) => {
      assert.equal(allowListed(given, origin).ok, false);
    }),
    { seed: 5, numRuns: 2000 },
  );
});

test('what takes a refused row’s place is itself an event that says only that', () => {
  const event: WireEvent = withheldEvent(
    row(eventTypes.incident, { face: 1 }),
    origin,
    'schema',
    '2026-11-23T18:30:00Z',
  );
  assert.deepEqual(event.data, { reason: 'schema', type: eventTypes.incident });
  assert.equal(event.id, 'box-1/epoch-0001/alarm/4');
  assert.deepEqual(withheldEvent({ type: 'c2VjcmV0' }, origin, 'schema', '2026-11-23T18:30:00Z').data, {
    reason: 'schema',
  });
});

function objectPaths(value: unknown, at: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [];
  const below = Object.entries(value).flatMap(([key, child]) => objectPaths(child, [...at, key]));
  return Array.isArray(value) ? below : [at, ...below];
}

test('what tells histories apart can say nothing else: a digest is that of the content, a former id is this very event’s', () => {
  const data = comms('gate');
  const time = '2026-11-23T18:30:00.000+08:00';
  const digest = digestOf({ type: eventTypes.comms, time, data });
  const former = (id: string) => reasonOf(row(eventTypes.comms, data, { digest, formerid: id }));
  const odd = (changes: Record<string, unknown>) => reasonOf(row(eventTypes.comms, data, changes));
  assert.equal(former('box-1/epoch-0000/alarm/4'), 'leaves');
  for (const id of ['box-2/epoch-0000/alarm/4', 'box-1/epoch-0000/door/4', 'box-1/epoch-0000/alarm/5'])
    assert.equal(former(id), "envelope formerid is not this event's", id);
  assert.match(former('box-1/face face face/alarm/4'), /^envelope/);
  assert.equal(odd({ digest: 'f'.repeat(16) }), 'envelope digest is not that of the content');
  assert.match(odd({ previous: 'not a digest' }), /^envelope previous/);
  // What was dropped is no longer there to be held against the digest of the gap in its place.
  assert.equal(reasonOf(row(eventTypes.gap, gap, { digest: 'f'.repeat(16) })), 'leaves');
});
