import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replyMismatch } from '../../bus/reply-match.ts';
import type { BusRequest, Exchange } from '../../bus/request.ts';
import { encodeRequest, frameFault, valuesOf } from '../../bus/rtu-frame.ts';
import { loadCatalogue, type Profile } from '../profile.ts';
import { inputBits, pulseRelay, readInputs, readRelays, relayBits, releaseRelay } from '../requests.ts';
import { readingOf, sensorRequests } from '../sensor.ts';
import { isWide } from '../sensor-file.ts';

const catalogue = loadCatalogue();
const off = [false, false, false, false, false, false, false];

/**
 * Bytes by other hands. Waveshare, LC-Tech, XY-MD02, Renke: examples of their data sheets, typed. R413D08,
 * DAM1600D and what is marked "by hand": body from the manual's table, CRC by a bitwise program of a few
 * lines in another language. Frames of kinds that no shipped profile has are in `frames-of-others.test.ts`.
 */
interface Golden {
  readonly what: string;
  readonly request: (board: Profile) => BusRequest;
  readonly sent: string;
  /** Where it is not the request's own bytes, as the echo of a write is. */
  readonly reply?: string;
  /** The meaning of the reply: bits of relays or inputs. */
  readonly bits?: readonly boolean[];
}

const boards: Readonly<Record<string, readonly Golden[]>> = {
  'waveshare-modbus-rtu-relay-8ch': [
    {
      what: 'relay 0 on for 700 ms',
      request: (b) => pulseRelay(b, 1, 0, 700),
      sent: '0105020000078db0',
    },
    {
      what: 'relay 1 on for 800 ms',
      request: (b) => pulseRelay(b, 1, 1, 800),
      sent: '0105020100089c74',
    },
    {
      what: 'relay 0 off',
      request: (b) => releaseRelay(b, 1, 0),
      sent: '010500000000cdca',
    },
    {
      what: 'relays',
      request: (b) => readRelays(b, 1),
      sent: '0101000000083dcc',
      reply: '010101005188',
      bits: [false, ...off],
    },
    {
      what: 'inputs, the first closed',
      request: (b) => readInputs(b, 1),
      sent: '01020000000879cc',
      reply: '010201016048',
      bits: [true, ...off],
    },
  ],
  'lctech-modbus-relay-8ch': [
    {
      what: 'relay 0 on',
      request: (b) => pulseRelay(b, 255, 0, 500),
      sent: 'ff050000ff0099e4',
    },
    {
      what: 'relay 0 off',
      request: (b) => releaseRelay(b, 255, 0),
      sent: 'ff0500000000d814',
    },
    {
      what: 'relays, the first on',
      request: (b) => readRelays(b, 255),
      sent: 'ff01000000082812',
      reply: 'ff010101a1a0',
      bits: [true, ...off],
    },
    {
      what: 'inputs, the first closed',
      request: (b) => readInputs(b, 255),
      sent: 'ff02000000086c12',
      reply: 'ff02010151a0',
      bits: [true, ...off],
    },
  ],
  'lctech-modbus-relay-8ch-flash': [
    {
      what: 'relay 0 on for 2 s',
      request: (b) => pulseRelay(b, 255, 0, 2000),
      sent: 'ff10000300020400040014c59f',
      reply: 'ff1000030002a416',
    },
    {
      what: 'relay 1 on for 0.5 s',
      request: (b) => pulseRelay(b, 254, 1, 500),
      sent: 'fe1000080002040004000540dc',
      reply: 'fe1000080002d405',
    },
    {
      what: 'relay 1 off',
      request: (b) => releaseRelay(b, 255, 1),
      sent: 'ff050001000089d4',
    },
    {
      what: 'inputs, the first closed',
      request: (b) => readInputs(b, 255),
      sent: 'ff02000000086c12',
      reply: 'ff02010151a0',
      bits: [true, ...off],
    },
  ],
  'r413d08-relay-8ch': [
    {
      what: 'output 1 on for 1 s',
      request: (b) => pulseRelay(b, 1, 0, 500),
      sent: '0106000106011a6a',
    },
    {
      what: 'output 8 on for 5 s',
      request: (b) => pulseRelay(b, 1, 7, 5000),
      sent: '010600080605cbab',
    },
    {
      what: 'output 1 off',
      request: (b) => releaseRelay(b, 1, 0),
      sent: '010600010200d96a',
    },
    {
      what: 'outputs, first and last on',
      request: (b) => readRelays(b, 1),
      sent: '01030001000815cc',
      reply: '01031000010000000000000000000000000001e499',
      bits: [true, ...off.slice(1), true],
    },
  ],
  'jy-dam1600d-input-16ch': [
    {
      what: 'inputs 0, 2 and 15 closed',
      request: (b) => readInputs(b, 1),
      sent: '01020000001079c6',
      reply: '0102020580bb48',
      bits: [true, false, true, ...off, ...off.slice(2), true],
    },
  ],
  'gate-three-wires-waveshare-8ch': [
    {
      what: 'close for 500 ms, by hand',
      request: (b) => pulseRelay(b, 1, b.wiring?.outputs.close?.channel ?? -1, 500),
      sent: '0105020100055db1',
    },
  ],
  'gate-two-buttons-waveshare-8ch': [
    {
      what: 'open for 500 ms, by hand',
      request: (b) => pulseRelay(b, 1, b.wiring?.outputs.open.channel ?? -1, 500),
      sent: '0105020000050c71',
    },
  ],
  'gate-one-button-waveshare-8ch': [
    {
      what: 'a step of 500 ms, by hand',
      request: (b) => pulseRelay(b, 1, b.wiring?.outputs.open.channel ?? -1, 500),
      sent: '0105020000050c71',
    },
  ],
  'barrier-dry-contact-waveshare-8ch': [
    {
      what: 'stop for 500 ms, by hand',
      request: (b) => pulseRelay(b, 1, b.wiring?.outputs.stop?.channel ?? -1, 500),
      sent: '010502020005adb1',
    },
    {
      what: 'up and loop closed, by hand',
      request: (b) => readInputs(b, 1),
      sent: '01020000000879cc',
      reply: '01020105618b',
      bits: [true, false, true, ...off.slice(2)],
    },
  ],
};

for (const [id, goldens] of Object.entries(boards))
  for (const { what, request, sent, reply = sent, bits } of goldens)
    test(`${id}: ${what}, byte by byte`, () => {
      const board = catalogue.boards.get(id);
      assert.ok(board);
      const asked = request(board);
      const exchange = exchangeOf(asked, reply);
      assert.equal(exchange.sent.toString('hex'), sent);
      if (!bits) return;
      const read = asked.kind === 'read-inputs' ? inputBits(board, exchange) : relayBits(board, exchange);
      assert.deepEqual(read, bits);
    });

const sensors: Readonly<
  Record<string, { sent: string; reply: string; values: Record<string, number | undefined> }[]>
> = {
  'xy-md02-temperature-humidity': [
    { sent: '010400010002200b', reply: '010404013102222ace', values: { temperature: 30.5, humidity: 54.6 } },
  ],
  'renke-rs-ws-temperature-humidity': [
    { sent: '010300000002c40b', reply: '0103040292ff9b5a3d', values: { humidity: 65.8, temperature: -10.1 } },
  ],
  'renke-rs-sj-water': [{ sent: '01030002000125ca', reply: '01030200023985', values: { water: 2 } }],
};

for (const [id, goldens] of Object.entries(sensors))
  for (const { sent, reply, values } of goldens)
    test(`${id}: ${JSON.stringify(values)}, byte by byte, in one request`, () => {
      const profile = catalogue.sensors.get(id);
      assert.ok(profile);
      const requests = sensorRequests(profile, 1);
      assert.equal(requests.length, 1);
      const [request] = requests;
      assert.ok(request);
      const exchange = exchangeOf(request, reply);
      assert.equal(exchange.sent.toString('hex'), sent);
      const read = profile.values.map((value) => {
        const from = value.register - request.address;
        const registers = exchange.registers.slice(from, from + (isWide(value.type) ? 2 : 1));
        return [value.id, readingOf(value, registers).value];
      });
      assert.deepEqual(Object.fromEntries(read), values);
    });

test('every profile has golden frames', () => {
  assert.deepEqual(Object.keys(boards).toSorted(), [...catalogue.boards.keys()].toSorted());
  assert.deepEqual(Object.keys(sensors).toSorted(), [...catalogue.sensors.keys()].toSorted());
});

/** The exchange that these bytes are, if they are a reply to this request. */
function exchangeOf(request: BusRequest, reply: string): Exchange {
  const sent = encodeRequest(request);
  const received = Buffer.from(reply, 'hex');
  assert.equal(frameFault(received) ?? replyMismatch(request, sent, received), undefined);
  return { sent, received, ...valuesOf(request, received) };
}
