import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatehouseError } from '@gatehouse/kit';
import type { BusRequest } from '../request.ts';
import { RtuLink } from '../rtu-link.ts';
import { fuzzBus } from './reply-fuzz.ts';
import { ScriptedLine } from './scripted-line.ts';
import { VirtualTime } from './virtual-time.ts';

const readInputs: BusRequest = { kind: 'read-inputs', unit: 3, address: 0, count: 8 };

async function refusal(onWrite: (line: ScriptedLine, clock: VirtualTime) => void): Promise<GatehouseError> {
  const clock = new VirtualTime();
  const link = new RtuLink(fuzzBus, {
    clock,
    quarantineMs: 100,
    line: new ScriptedLine((line) => onWrite(line, clock)),
  });
  const error = await clock.until(
    link
      .open()
      .then(() => link.exchange(readInputs))
      .then(
        () => undefined,
        (cause: unknown) => cause,
      ),
  );
  assert.ok(error instanceof GatehouseError, String(error));
  return error;
}

test('bytes that are no reply point at baud rate and parity, and name unit and registers', async () => {
  // What 9600 baud makes of an answer sent at 19200: some bytes, none of them right.
  const error = await refusal((line, clock) =>
    clock.after(30, () => line.say(Buffer.from('e6fe98e0', 'hex'))),
  );
  assert.equal(error.code, 'BUS_WRONG_REPLY');
  assert.match(
    error.message,
    /4 bytes came that are no reply .*inputs 0 to 7, unit 3, at 9600 baud, parity none/,
  );
  assert.match(error.remedy, /baud rate/);
});

test('silence is told apart from noise', async () => {
  const error = await refusal(() => undefined);
  assert.equal(error.code, 'BUS_TIMEOUT');
  assert.match(error.message, /no reply within 300 ms to read of inputs 0 to 7, unit 3/);
});

test('an address that the board does not have is named', async () => {
  // Exception 2 of unit 3 to function 2.
  const error = await refusal((line, clock) =>
    clock.after(30, () => line.say(withCrc(Buffer.from('038202', 'hex')))),
  );
  assert.equal(error.code, 'BUS_EXCEPTION');
  assert.match(error.message, /exception 2: it does not have this address \(read of inputs 0 to 7, unit 3\)/);
});

test('a line that is pulled out while a reply is awaited says so at once', async () => {
  const error = await refusal((line, clock) => clock.after(30, () => line.unplug()));
  assert.equal(error.code, 'BUS_DOWN');
  assert.match(error.message, /\/dev\/none was closed or unplugged/);
});

test('a line that never falls silent is given up after the timeout, and nothing is written on it', async () => {
  const clock = new VirtualTime();
  const line = new ScriptedLine(() => undefined);
  const link = new RtuLink(fuzzBus, { clock, quarantineMs: 100, line });
  let babbling = true;
  const babble = () => {
    line.say(Buffer.from([0x55]));
    if (babbling) clock.after(2, babble);
  };
  const attempt = link.open().then(() => {
    babble();
    return link.exchange(readInputs);
  });
  await clock.until(assert.rejects(attempt, { code: 'BUS_WRONG_REPLY', message: /never falls silent/ }));
  babbling = false;
  assert.deepEqual(line.written, []);
});

test('after something wrong was said the whole line rests, after mere silence only the unit', async () => {
  const clock = new VirtualTime();
  let noisy = false;
  const line = new ScriptedLine(() => noisy && clock.after(30, () => line.say(Buffer.from([1, 2, 3]))));
  const link = new RtuLink(fuzzBus, { clock, quarantineMs: 100, line });
  await clock.until(link.open());
  assert.equal(link.restMs(3), 400, 'whoever held the line before may have asked something');
  await clock.until(new Promise<void>((resolve) => clock.after(400, resolve)));
  const fails = () => clock.until(assert.rejects(link.exchange(readInputs)));
  await fails();
  assert.deepEqual([link.restMs(3), link.restMs(4)], [100, 0]);
  noisy = true;
  await fails();
  assert.ok(link.restMs(3) > 0 && link.restMs(4) > 0);
  assert.equal(line.flushes, 2, 'what is left in the buffer is thrown away before the next request');
});

/** CRC-16/MODBUS bit by bit, so that this test does not lean on the product's table. */
function withCrc(body: Buffer): Buffer {
  let crc = 0xffff;
  for (const byte of body) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  }
  return Buffer.concat([body, Buffer.from([crc & 0xff, crc >> 8])]);
}
