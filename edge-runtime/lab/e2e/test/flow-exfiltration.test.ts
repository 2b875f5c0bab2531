import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type CommandOutcome, DeviceCommand, eventTypes, type WireEvent } from '@gatehouse/contracts';
import { closeServer } from '@gatehouse/harness';
import {
  isoWithOffset,
  LocalClient,
  listenOnSocket,
  ManualClock,
  readBounded,
  seededRandom,
  silentLog,
} from '@gatehouse/kit';
import { EventStore } from '@gatehouse/store';
import type { Inspector } from '../../../../sync-agent/uplink/egress.ts';
import { allowListed } from '../../../../sync-agent/uplink/egress.ts';
import { flowsApi } from '../../../runtime/apis/flows-api.ts';
import { CommandIds } from '../../../runtime/upstream/command-ids.ts';
import { deviceEntry } from '../../../runtime/upstream/outbox-entries.ts';

const devices = ['main-barrier', 'side-barrier', 'yard-door', 'bin-door'] as const;
const actions = ['open', 'close', 'stop'] as const;
/** A face template: 512 numbers of 32 bits. */
const templateBits = 512 * 32;
/** From U+4E00 on there are more than 8,192 Chinese characters in a row: 13 bits each. */
const [firstHan, bitsOfHan] = [0x4e00, 13];
const bitsOfId = 120;

/** Bits that are read off a template, one after the other. */
function bitReader(seed: number) {
  const random = seededRandom(seed);
  const all = Array.from({ length: templateBits }, () => (random() < 0.5 ? 0 : 1));
  let at = 0;
  return {
    all,
    take: (count: number) => {
      let value = 0n;
      for (let n = 0; n < count; n++) value = value * 2n + BigInt(all[at++ % templateBits] ?? 0);
      return value;
    },
  };
}

const han = (read: ReturnType<typeof bitReader>, count: number) =>
  Array.from({ length: count }, () => String.fromCodePoint(firstHan + Number(read.take(bitsOfHan)))).join('');

/**
 * The requests of an attacking flow: everything that it may choose is a part of the template, except device
 * and action.
 */
function attack(read: ReturnType<typeof bitReader>, n: number) {
  const id = read.take(bitsOfId).toString(16).padStart(30, '0');
  return {
    device: devices[n % devices.length] ?? 'yard-door',
    body: {
      action: actions[n % actions.length] ?? 'open',
      user: han(read, 54),
      // Words of Chinese with spaces in between, as 40 letters of base64 with a space after them once passed.
      reason: Array.from({ length: 18 }, () => han(read, 10)).join(' '),
      commandId: `${id.slice(0, 8)}-${id.slice(8, 12)}-4${id.slice(12, 15)}-8${id.slice(15, 18)}-${id.slice(18)}`,
    },
  };
}

const hanBits = (text: string) =>
  [...text]
    .filter((c) => c !== ' ')
    .map((c) => ((c.codePointAt(0) ?? 0) - firstHan).toString(2).padStart(bitsOfHan, '0'))
    .join('');

/** The text that the accomplice reads off an event, in the order in which it was written. */
function decode({ data }: Pick<WireEvent, 'data'>): string {
  const { commandId, origin } = data as {
    commandId: string;
    origin: { user?: string; reason?: string };
  };
  const hex = commandId.replaceAll('-', '');
  const digits = hex.slice(0, 12) + hex.slice(13, 16) + hex.slice(17);
  const id = BigInt(`0x${digits}`).toString(2).padStart(bitsOfId, '0').slice(-bitsOfId);
  return id + hanBits(origin.user?.replace(/^flow /, '') ?? '') + hanBits(origin.reason ?? '');
}

/** Everything as it is, except the drivers, which do each command at once. */
async function startBox(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'gh-exf-'));
  const clock = new ManualClock(1_795_000_000_000);
  const outcomes: CommandOutcome[] = [];
  const drivers = createServer(async (request, response) => {
    const {
      expiresAt: _,
      holdS: __,
      ...command
    } = DeviceCommand.parse(JSON.parse((await readBounded(request, 65_536)).toString()));
    const at = isoWithOffset(clock.epochMs());
    const ended = { state: 'confirmed', relay: 'actuated', feedback: 'reached', tookMs: 412.5 } as const;
    const outcome: CommandOutcome = { ...command, ...ended, acceptedAt: at, finishedAt: at };
    outcomes.push(outcome);
    response.setHeader('content-type', 'application/json').end(JSON.stringify(outcome));
  });
  await listenOnSocket(drivers, join(folder, 'drivers.sock'));
  const client = new LocalClient('drivers', join(folder, 'drivers.sock'));
  const request = (device: string, wish: object, origin: CommandOutcome['origin']) =>
    client.call('POST', '/commands', {
      body: {
        commandId: '6d1f3a52-9a1e-4d53-8f5e-0c5f6a8f9d10',
        ...wish,
        device,
        origin,
        expiresAt: isoWithOffset(clock.epochMs() + 10_000),
        user: undefined,
        reason: undefined,
      },
    });
  const store = new EventStore({ file: join(folder, 'events.db'), box: 'box-1', clock });
  store.start();
  const unused = {} as never;
  const api = flowsApi({
    store,
    changes: unused,
    prompts: unused,
    health: unused,
    site: unused,
    clock,
    log: silentLog,
    devices: { request } as never,
    verifyEditorToken: async () => undefined,
    onReport: () => undefined,
    socket: join(folder, 'flows', 'api.sock'),
  });
  await api.start();
  t.after(async () => {
    await api.stop();
    await closeServer(drivers);
    store.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  return { clock, outcomes, store, flows: new LocalClient('runtime', join(folder, 'flows', 'api.sock')) };
}

/** Asks as often as it is let, once a second for an hour, or until all of the template is written. */
async function exfiltrate(t: TestContext, seed: number, forS: number) {
  const box = await startBox(t);
  const read = bitReader(seed);
  let asked = 0;
  for (let second = 0; second < forS; second++) {
    const { device, body } = attack(read, asked);
    const taken = await box.flows.call('POST', `/devices/${device}/requests`, { body }).then(
      () => true,
      () => false,
    );
    if (taken) asked++;
    await box.clock.advance(1_000);
  }
  return { ...box, asked, template: read.all.join('') };
}

/** The events of these commands as they leave the box. */
function events(store: EventStore, outcomes: readonly CommandOutcome[], inspect: Inspector): WireEvent[] {
  const ids = new CommandIds(() => store.commandIdKey);
  for (const [n, outcome] of outcomes.entries()) {
    const at = outcome.finishedAt ?? outcome.acceptedAt;
    const event = { id: outcome.commandId, sequence: n + 1, at, type: 'command', outcome } as const;
    const entry = deviceEntry(event, ids);
    if (entry) store.record(entry);
  }
  return Array.from({ length: outcomes.length }, (_, i) => i).map((after) => {
    const [row] = store.outboxBatch('door', after, 1).events;
    assert.ok(row);
    const { boxid: box, epoch, eventclass, sequence } = row;
    const decision = inspect(row, { box, epoch, eventclass, sequence });
    assert.ok(decision.ok, JSON.stringify(decision));
    return decision.event;
  });
}

/** Number of bits of the template among those that were read, in the order in which they were written. */
const agreeing = (template: string, readBack: string) =>
  [...readBack].filter((bit, at) => bit === template[at % templateBits]).length;

test('without the wall a flow sends a face template with six door requests: the attack works', async (t) => {
  const { outcomes, template } = await exfiltrate(t, 1, 6);
  const leaked = outcomes.map((outcome) => decode({ data: { ...outcome } })).join('');
  assert.ok(leaked.length >= templateBits, `${leaked.length} bits`);
  assert.equal(agreeing(template, leaked.slice(0, templateBits)), templateBits);
  t.diagnostic(`wall off: ${Math.round(leaked.length / outcomes.length)} bits a request`);
});

test('with it nothing that a flow writes changes what leaves, however it is split', async (t) => {
  const [one, two] = [await exfiltrate(t, 1, 40), await exfiltrate(t, 2, 40)];
  const left = [one, two].map(({ store, outcomes }) => events(store, outcomes, allowListed));
  const facts = left.map((list) =>
    // A digest is that of the content, of which the box's own id is a part.
    list.map(({ id: _, epoch: __, digest: ___, previous: ____, data, ...event }) => ({
      ...event,
      data: { ...data, commandId: '' },
    })),
  );
  assert.deepEqual(
    facts[0],
    facts[1],
    'two templates, and the same events but for ids that the box has made',
  );
  const bits = (left[0] ?? []).map(decode).join('');
  const share = agreeing(one.template, bits) / bits.length;
  assert.ok(
    bits.length === 40 * bitsOfId && share < 0.56,
    `${share} of the bits of ids agree: a coin’s share is 0.5`,
  );
  for (const event of left[0] ?? []) {
    assert.deepEqual(Object.keys(event.data.origin as object), ['channel']);
    assert.match(JSON.stringify(event), /^[\x20-\x7e]*$/);
  }
});

test('what is left is which door and what to do: less than a template in an hour of asking, and doors that move 600 times', async (t) => {
  const { store, outcomes, asked } = await exfiltrate(t, 3, 3_600);
  const left = events(store, outcomes, allowListed);
  const words = new Set(left.map(({ data }) => `${data.device} ${data.action}`));
  const bitsAnHour = asked * Math.log2(words.size);
  t.diagnostic(`wall on: ${asked} requests an hour, ${bitsAnHour.toFixed(0)} bits of device and action`);
  assert.equal(asked, 600);
  assert.equal(words.size, devices.length * actions.length);
  assert.ok(bitsAnHour < templateBits / 4, `${bitsAnHour} bits`);
  for (const { type, time, data } of left) {
    assert.equal(type, eventTypes.command);
    for (const instant of [time, data.acceptedAt, data.finishedAt])
      assert.match(String(instant), /:\d\d\.000/);
  }
});
