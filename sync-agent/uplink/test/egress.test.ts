import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type EventType,
  eventTypes,
  type WireClockStep,
  type WireEvent,
  type WireGap,
  wireId,
} from '@gatehouse/contracts';
import fc from 'fast-check';
import { comms, incident } from '../../test/support/events.ts';
import { allowListed, withheldEvent } from '../egress.ts';

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
  origin: { channel: 'console', user: '王师傅', reason: '快递车辆' },
  state: 'confirmed',
  relay: 'actuated',
  feedback: 'reached',
  acceptedAt: '2026-11-23T18:30:00.000+08:00',
  tookMs: 41.2,
};

const at = '2026-11-23T18:30:00.000+08:00';
const gap: WireGap = {
  ...{ class: 'telemetry', reason: 'quota', firstSequence: 3, lastSequence: 7, count: 5, bytes: 2500 },
  ...{ from: at, to: at },
};
const step: WireClockStep = { stepMs: -86_400_000, before: at, after: at, monotonicMs: 12.5 };

const reasonOf = (given: unknown) => {
  const verdict = allowListed(given, origin);
  return verdict.ok ? 'leaves' : `${verdict.reason} ${verdict.detail}`;
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
  const encoded = `https://m.example/${'c2VjcmV0'.repeat(4)}/${'c2VjcmV0'.repeat(4)}/box-1/${'a'.repeat(64)}`;
  assert.equal(reason({ ...stored, url: encoded }), 'encoded-content');
});

test('a gap that ends before it begins is no gap', () => {
  assert.equal(reasonOf(row(eventTypes.gap, { ...gap, lastSequence: 2 })), 'schema data: custom');
});

test('the wire evidence of a rule that counts all six classes leaves', () => {
  const gates = [
    { name: 'class', value: 'car', threshold: 'person bicycle car motorcycle bus truck', passed: true },
    { name: 'inside-zone', value: true, threshold: true, passed: true },
  ];
  assert.equal(
    reasonOf(row(eventTypes.incident, incident(1, { evidence: { sinceMs: 0, atMs: 1, gates } }))),
    'leaves',
  );
});

test('the long path of a serial adapter is no encoded content', () => {
  const reason = (path: string) => ({
    device: 'gate',
    comms: 'lost',
    reason: `BUS_DOWN: cannot open ${path} (ENOENT)`,
  });
  for (const path of [
    '/dev/serial/by-id/usb-FTDI_FT232R_USB_UART_A50285BI-if00-port0',
    '/dev/serial/by-path/platform-fd500000.pcie-pci-0000:01:00.0-usb-0:1.2:1.0-port0',
  ])
    assert.equal(reasonOf(row(eventTypes.comms, reason(path))), 'leaves');
  const hidden = reasonOf(row(eventTypes.comms, reason(`/dev/${'c2VjcmV0'.repeat(8)}`)));
  assert.equal(hidden, 'encoded-content data.reason: custom');
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
      'encoded-content data.reason: custom',
    ],
    [row(eventTypes.comms, comms('gate'), { subject: secret }), 'encoded-content subject: custom'],
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
    [row(eventTypes.comms, comms('gate'), { id: 'box-1/x/alarm/4' }), "envelope id is not this store's"],
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
        const verdict = allowListed(given, origin);
        // The few optional fields of the schema may be guessed with a sound value; then nothing was smuggled.
        if (verdict.ok) assert.deepEqual(verdict.event, given);
        if (verdict.ok) assert.match(key, /^(historical|settled|subject|device|clearedAt|threshold|unit)$/);
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
