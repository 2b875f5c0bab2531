import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RtpSender } from '../rtp-sender.ts';

const payloads = [Buffer.from([0x67]), Buffer.from([0x65, 1])];
const unit = (key: boolean, rtpTime: number) => ({ payloads, key, rtpTime });

/** Records a sender's packets, as channel and the fields of RFC 3550 5.1. */
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
  sender.send(unit(false, 0), 0);
  assert.equal(packets().length, 0);
  sender.send(unit(true, 3600), 0);
  sender.send(unit(false, 7200), 0);
  assert.equal(packets().length, 4);
  sender.waitForKey();
  sender.send(unit(false, 10_800), 0);
  assert.equal(packets().length, 4);
});

test('the marker stands on the last packet of an access unit only, sequence numbers rise by one, times by 90 kHz', () => {
  const { sender, packets } = record();
  const first = sender.nextSequence;
  sender.send(unit(true, 0), 0);
  sender.send(unit(false, 3600), 0.04);
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
  for (let s = 0; s <= 11; s++) sender.send(unit(true, s * 90_000), s);
  const reports = written.filter((frame) => frame[1] === 5);
  assert.equal(written[0], reports[0]);
  assert.equal(reports.length, 3);
});

test('bad times stand still, step back and jump ahead, and are right again afterwards', () => {
  const { sender, packets } = record();
  const base = sender.timestamp(0);
  for (let i = 0; i < 300; i++) sender.send(unit(true, (i + 1) * 3600), i * 0.04, 'bad-times');
  const steps = packets()
    .filter(({ marker }) => marker)
    .map(({ timestamp }) => (timestamp - base + 2 ** 32) % 2 ** 32)
    .map((time, i) => time - (i + 1) * 3600);
  assert.ok(
    steps.some((step) => step < 0),
    'some are behind',
  );
  assert.ok(
    steps.some((step) => step >= 90_000),
    'some are ahead',
  );
  assert.ok(steps.filter((step) => step === 0).length > 100, 'most are right');
  sender.send(unit(true, 301 * 3600), 12);
  assert.equal(packets().at(-1)?.timestamp, sender.timestamp(301 * 3600));
});

test('a camera whose clock is off says so in its sender reports only', () => {
  const seconds = (wrong?: 'clock-off') => {
    const { sender, written, packets } = record();
    sender.send(unit(true, 3600), 0, wrong);
    assert.equal(packets()[0]?.timestamp, sender.timestamp(3600));
    // `$`, channel, length; then the NTP seconds eight bytes into the report (RFC 3550 6.4.1).
    return written[0]?.readUInt32BE(4 + 8) ?? 0;
  };
  assert.ok(Math.abs(seconds() - seconds('clock-off') - 3600) <= 1);
});
