import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RtpSender } from '../rtp-sender.ts';

const payloads = [Buffer.from([0x67]), Buffer.from([0x65, 1])];
const unit = (key: boolean, rtpTime: number) => ({ payloads, key, rtpTime });

/** What a sender wrote, as channel and the fields of RFC 3550 5.1. */
function record() {
  const written: Buffer[] = [];
  const sender = new RtpSender(4, (bytes) => written.push(bytes));
  const packets = () =>
    written
      .filter((frame) => frame[1] === 4)
      .map((frame) => ({
        marker: (frame.readUInt8(5) & 0x80) !== 0,
        sequence: frame.readUInt16BE(6),
        timestamp: frame.readUInt32BE(8),
      }));
  return { written, sender, packets };
}

test('a session begins with a keyframe, and again after a gap', () => {
  const { sender, packets } = record();
  sender.send(unit(false, 0), 0, false);
  assert.equal(packets().length, 0);
  sender.send(unit(true, 3600), 0, false);
  sender.send(unit(false, 7200), 0, false);
  assert.equal(packets().length, 4);
  sender.waitForKey();
  sender.send(unit(false, 10_800), 0, false);
  assert.equal(packets().length, 4);
});

test('the marker stands on the last packet of an access unit only, sequence numbers rise by one, times by 90 kHz', () => {
  const { sender, packets } = record();
  const first = sender.nextSequence;
  sender.send(unit(true, 0), 0, false);
  sender.send(unit(false, 3600), 0.04, false);
  const sent = packets();
  assert.deepEqual(
    sent.map(({ marker }) => marker),
    [false, true, false, true],
  );
  assert.deepEqual(
    sent.map(({ sequence }) => (sequence - first + 65_536) % 65_536),
    [0, 1, 2, 3],
  );
  const base = sender.timestamp(0);
  assert.deepEqual(
    sent.map(({ timestamp }) => (timestamp - base + 2 ** 32) % 2 ** 32),
    [0, 0, 3600, 3600],
  );
});

test('a sender report goes in front of the first picture and then every five seconds', () => {
  const { sender, written } = record();
  for (let s = 0; s <= 11; s++) sender.send(unit(true, s * 90_000), s, false);
  const reports = written.filter((frame) => frame[1] === 5);
  assert.equal(written[0], reports[0]);
  assert.equal(reports.length, 3);
});
