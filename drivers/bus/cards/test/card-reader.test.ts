import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { until } from '@gatehouse/harness';
import { type Log, ManualClock, silentLog } from '@gatehouse/kit';
import fc from 'fast-check';
import { cardFrame, SimulatedCardReader } from '../../../simulators/card-reader.ts';
import { PtyPair } from '../../../simulators/pty-pair.ts';
import { lineTo } from '../../byte-line.ts';
import { CardFrameParser, maxBuffered } from '../card-frame.ts';
import { CardNumber } from '../card-number.ts';
import { CardReader } from '../card-reader.ts';

/**
 * The data sheet's example, typed: card 62E3086CED, output 36H 32H 45H 33H 30H 38H 36H 43H 45H 44H, checksum
 * 08.
 */
const sheet = Buffer.from('023632453330383643454430' + '3803', 'hex');
const sheetCard = '62E3086CED';

test('the data sheet’s example is read, and a wrong checksum, digit or end is not', () => {
  assert.deepEqual(new CardFrameParser().push(sheet), [sheetCard]);
  for (const [at, value] of [
    [12, 0x39],
    [3, 0x47],
    [13, 0x04],
  ] as const) {
    const wrong = Buffer.from(sheet);
    wrong[at] = value;
    assert.deepEqual(new CardFrameParser().push(wrong), []);
  }
});

test('a frame that begins within what looked like one is found, one byte on', () => {
  const parser = new CardFrameParser();
  assert.deepEqual(parser.push(Buffer.concat([sheet.subarray(0, 9), sheet])), [sheetCard]);
  assert.equal(parser.noise, 9);
});

test('cards are found however the stream is cut and whatever lies between them, in bounded memory', () => {
  const card = fc.uint8Array({ minLength: 5, maxLength: 5 });
  // Noise without STX: a noise that is a frame would be a card.
  const noise = fc.uint8Array({ maxLength: 30 }).map((bytes) => bytes.filter((byte) => byte !== 2));
  fc.assert(
    fc.property(
      fc.array(fc.tuple(noise, card), { maxLength: 5 }),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 50 }),
      (parts, cuts) => {
        const stream = Buffer.concat(
          parts.flatMap(([between, one]) => [Buffer.from(between), cardFrame(one)]),
        );
        const parser = new CardFrameParser();
        const found: string[] = [];
        for (let at = 0, i = 0; at < stream.length; i++) {
          const cut = cuts[i % cuts.length] ?? 1;
          found.push(...parser.push(stream.subarray(at, at + cut)));
          assert.ok(parser.buffered < maxBuffered);
          at += cut;
        }
        assert.deepEqual(
          found,
          parts.map(([, one]) => Buffer.from(one).toString('hex').toUpperCase()),
        );
      },
    ),
  );
});

test('a card number is never printed by accident', () => {
  const card = new CardNumber(sheetCard);
  for (const text of [String(card), JSON.stringify({ card }), inspect({ card }), `${card}`]) {
    assert.ok(text.includes('********ED'), text);
    assert.ok(!text.includes('62E3'), text);
  }
  assert.equal(card.reveal(), sheetCard);
});

test('on a pty: cards through noise, repeats as one, none in the log, and back after the adapter was pulled', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'gh-cards-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'reader');
  const seen: string[] = [];
  const lines: string[] = [];
  const note = (event: string, fields?: object) => void lines.push(`${event} ${JSON.stringify(fields)}`);
  const log: Log = { ...silentLog, debug: note, info: note, warn: note, error: note };
  // It moves only while the line is to come or to go: on a busy machine a second may lie between two frames
  // of one card.
  const clock = new ManualClock();
  const untilLine = (up: boolean) =>
    until(`the line is ${up ? 'up' : 'down'}`, async () => {
      await clock.advance(100);
      return reader.up === up;
    });
  const reader = new CardReader({
    id: 'lobby',
    openLine: () => lineTo({ path, baudRate: 9600, parity: 'none', stopBits: 1 }),
    clock,
    log,
    onCard: ({ card }) => void seen.push(card.reveal()),
  });
  reader.start();
  t.after(() => reader.stop());
  for (const round of [1, 2]) {
    const cable = new PtyPair(path);
    await cable.start();
    const board = new SimulatedCardReader(cable.farPath);
    await board.start();
    await untilLine(true);
    board.babble(Buffer.from([0xff, 2, 0x36, 0x00]));
    board.present(Uint8Array.of(1, 2, 3, 4, round));
    board.present(Uint8Array.of(1, 2, 3, 4, round));
    await until('the card is read', () => seen.length === round);
    await board.stop();
    await cable.stop();
    await untilLine(false);
  }
  assert.deepEqual(seen, ['0102030401', '0102030402']);
  assert.ok(lines.some((line) => line.startsWith('card-reader-up')));
  assert.ok(!lines.some((line) => line.includes('01020304') || line.includes('**')), lines.join('\n'));
});
