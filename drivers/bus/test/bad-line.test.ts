import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatehouseError } from '@gatehouse/kit';
import type { BusRequest } from '../request.ts';
import { RtuLink } from '../rtu-link.ts';
import { fuzzBus, type LineCase } from './reply-fuzz.ts';
import { ScriptedLine } from './scripted-line.ts';
import { VirtualTime } from './virtual-time.ts';

const readInputs: BusRequest = { kind: 'read-inputs', unit: 3, address: 0, count: 8 };

async function refusal(
  onWrite: (line: ScriptedLine, clock: VirtualTime) => void,
  settings: LineCase['setting'] = {},
): Promise<GatehouseError> {
  const clock = new VirtualTime();
  const link = new RtuLink(
    { ...fuzzBus, ...settings },
    {
      clock,
      quarantineMs: 100,
      line: new ScriptedLine((line) => onWrite(line, clock)),
    },
  );
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
  // At 9600 baud an answer sent at 19200 reads as some bytes, none of them right.
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

const pulse: BusRequest = { kind: 'write-coil', unit: 3, address: 0x0200, value: 7 };
/** Unit 3, function 2, one byte: input 0 closed. */
const oneClosed = withCrc(Buffer.from('03020101', 'hex'));

/**
 * A line that gives back what is sent, and on which a board says `answer` where it has one; 10 ms after the
 * request.
 */
function echoing(answer: (sent: Buffer) => Buffer | undefined, settings: LineCase['setting'] = {}) {
  const clock = new VirtualTime();
  const line = new ScriptedLine(() => {
    const sent = line.written.at(-1) ?? Buffer.alloc(0);
    clock.after(4, () => line.say(sent));
    const said = answer(sent);
    if (said) clock.after(20, () => line.say(said));
  });
  const link = new RtuLink({ ...fuzzBus, ...settings }, { clock, quarantineMs: 100, line });
  const ask = async (request: BusRequest) => {
    await clock.until(new Promise<void>((resolve) => clock.after(link.restMs(request.unit), resolve)));
    return clock.until(link.exchange(request));
  };
  return { link, ask, open: () => clock.until(link.open()) };
}

test('a local echo is found by the first read that is answered, and is told', async () => {
  const { link, ask, open } = echoing((sent) => (sent[1] === 2 ? oneClosed : sent));
  await open();
  assert.equal(link.habits.localEcho, 'unknown');
  assert.equal((await ask(readInputs)).bits[0], true);
  assert.equal(link.habits.localEcho, 'heard');
  assert.deepEqual((await ask(pulse)).received, withCrc(Buffer.from('030502000007', 'hex')));
  assert.deepEqual(link.habits, { localEcho: 'heard', replies: 2, noisyReplies: 0 });
});

test("a write that only came back once is not answered: before a read it may be the line's echo, and after it it is", async () => {
  const { ask, open } = echoing((sent) => (sent[1] === 2 ? oneClosed : undefined));
  await open();
  await assert.rejects(ask(pulse), {
    code: 'BUS_WRONG_REPLY',
    message: /came back once.*the next read tells which/,
  });
  await ask(readInputs);
  await assert.rejects(ask(pulse), { code: 'BUS_TIMEOUT', message: /unit 3, only the line's own echo came/ });
});

test('a line that the site file says echoes is not asked for it first; one that does not is named', async () => {
  const echoes = echoing((sent) => sent, { localEcho: 'on' });
  await echoes.open();
  assert.equal((await echoes.ask(pulse)).received.length, 8);
  const error = await refusal((line, clock) => clock.after(30, () => line.say(oneClosed)), {
    localEcho: 'on',
  });
  assert.equal(error.code, 'BUS_WRONG_REPLY');
  assert.match(
    error.message,
    /what came back first is not what was sent \(.*at 9600 baud, parity none, localEcho: on\)/,
  );
});

test('a dead unit on a line that echoes, or that makes up bytes, is silent: the others are asked meanwhile', async () => {
  const { link, ask, open } = echoing(() => undefined);
  await open();
  await assert.rejects(ask(readInputs), { code: 'BUS_TIMEOUT', message: /only the line's own echo came/ });
  assert.deepEqual([link.restMs(3), link.restMs(4)], [100, 0]);
  const error = await refusal((line, clock) => clock.after(30, () => line.say(Buffer.from([0, 0xff]))));
  assert.equal(error.code, 'BUS_TIMEOUT');
  assert.match(error.message, /only line noise came \(2 bytes of 00 or FF\)/);
});

test('an echo that comes or goes behind a serial server is learnt anew by the next reads', async () => {
  let echoes = false;
  const clock = new VirtualTime();
  const line = new ScriptedLine(() => {
    const sent = line.written.at(-1) ?? Buffer.alloc(0);
    if (echoes) clock.after(4, () => line.say(sent));
    clock.after(20, () => line.say(oneClosed));
  });
  const link = new RtuLink(fuzzBus, { clock, quarantineMs: 100, line });
  await clock.until(link.open());
  const reads = async () => {
    await clock.until(new Promise<void>((resolve) => clock.after(link.restMs(3), resolve)));
    return clock.until(
      link.exchange(readInputs).then(
        () => 'read',
        () => 'refused',
      ),
    );
  };
  const seen: string[] = [];
  for (const now of [false, true, false]) {
    echoes = now;
    for (let i = 0; i < 3; i++) seen.push(await reads());
  }
  assert.deepEqual(seen, ['read', 'read', 'read', 'refused', 'read', 'read', 'refused', 'read', 'read']);
});

test('a pause between frames is kept behind the last byte of either side, and never less than t3.5', async () => {
  for (const [pauseMs, leastMs] of [
    [50, 50],
    [0, 3.6],
  ] as const) {
    const clock = new VirtualTime();
    const sentAt: number[] = [];
    let lastByteMs = 0;
    const line = new ScriptedLine(() => {
      sentAt.push(clock.monotonicMs());
      // The second request is answered by nobody: its own last bit counts then.
      if (sentAt.length === 2) return;
      clock.after(20, () => {
        lastByteMs = clock.monotonicMs();
        line.say(oneClosed);
      });
    });
    const timeoutMs = 20;
    const link = new RtuLink(
      { ...fuzzBus, pauseMs, timeoutMs, baudRate: 2400 },
      { clock, quarantineMs: 0, line },
    );
    await clock.until(link.open());
    await clock.until(new Promise<void>((resolve) => clock.after(link.restMs(3), resolve)));
    await clock.until(link.exchange(readInputs).catch(() => undefined));
    const [first = 0] = sentAt;
    await clock.until(link.exchange(readInputs).catch(() => undefined));
    const [, second = 0] = sentAt;
    assert.ok(second - Math.max(lastByteMs, first) >= leastMs, `${second - lastByteMs} ms behind the answer`);
    await clock.until(link.exchange(readInputs).catch(() => undefined));
    const [, , third = 0] = sentAt;
    // Eight characters of ten bits at 2400 baud.
    assert.ok(third - (second + 33.3) >= leastMs, `${third - second} ms behind the request`);
  }
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
