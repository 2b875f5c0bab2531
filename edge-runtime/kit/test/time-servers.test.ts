import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { chronyd, ntpd, systemClock } from '@gatehouse/kit';

/**
 * Answers of chronyd 4.3 of Debian 12, recorded from the wire: its monitoring protocol, and NTP on its port
 * for time.
 */
const recorded = {
  following: {
    chrony:
      '060200000021000500000000000000001234567800000000000000007f0000017f0000010000000000000000000000000001000000060000000000006b0d63810af6e742db098aacc96d2649daa8413afb611bc0ed44b05ffebecc57e0c67977dacd5f86048205ae',
    // The reference is a server on the network; there it was this machine's.
    ntp: '240600e60000000100000001c0a80001eeb7e2012f178edf123456789abcdef0eeb7e20196971c1beeb7e2019697ebc4',
  },
  /** With the directive `local stratum 5`: it hands its own clock out. */
  freeRunning: {
    chrony:
      '060200000021000500000000000000001234567800000000000000007f7f0101000000000000000000000000000000000000000000050000000000006b0d637411d3add4000000000000000000000000000000000000000000000000000000000000000000000000',
    ntp: '240500e600000000000000007f7f0101eeb7e1f44c90da24123456789abcdef0eeb7e20196931f57eeb7e2019694258a',
  },
  lost: {
    chrony:
      '0602000000210005000000000000000012345678000000000000000000000000000000000000000000000000000000000000000000000003000000000000000000000000000000000000000000000000000000000000000000000000048000000480000000000000',
    ntp: 'e40000e60001000000010000000000000000000000000000123456789abcdef0eeb7e201969aa8e3eeb7e201969b5b08',
  },
};

/** The place in each answer that names its request, and the part of the request that it repeats. */
const names = { chrony: { at: 16, from: 8, bytes: 4 }, ntp: { at: 24, from: 40, bytes: 8 } };

/** A program that gives recorded answers, each marked as the answer to its request; `change` spoils one. */
async function answering(
  t: TestContext,
  protocol: keyof typeof names,
  hex: string,
  change: (answer: Buffer) => Buffer = (answer) => answer,
): Promise<number> {
  const socket = createSocket('udp4');
  t.after(() => socket.close());
  socket.on('message', (request, { port, address }) => {
    const { at, from, bytes } = names[protocol];
    const answer = Buffer.from(hex, 'hex');
    request.copy(answer, at, from, from + bytes);
    socket.send(change(answer), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket.address().port;
}

for (const [protocol, server] of Object.entries({ chrony: chronyd, ntp: ntpd }) as [
  keyof typeof names,
  typeof chronyd,
][])
  test(`${protocol}: a server that follows another keeps the clock; one that follows only itself, or nothing, does not`, async (t) => {
    const kept = async (answer: string) => server(await answering(t, protocol, answer))(systemClock);
    assert.equal(await kept(recorded.following[protocol]), true);
    assert.equal(await kept(recorded.freeRunning[protocol]), false);
    assert.equal(await kept(recorded.lost[protocol]), false);
  });

test('chrony: a server that has lost its sources for long is too far from the time', async (t) => {
  // Root dispersion of 2 s: 2 ^ (3 - 25) x 2 ^ 23.
  const far = (answer: Buffer) => {
    answer.writeUInt32BE(0x06800000, 96);
    return answer;
  };
  assert.equal(
    await chronyd(await answering(t, 'chrony', recorded.following.chrony, far))(systemClock),
    false,
  );
});

test('an answer to somebody else, a short one, and no program at all say nothing', async (t) => {
  const other = (answer: Buffer) => {
    answer.writeUInt8(answer.readUInt8(17) ^ 1, 17);
    answer.writeUInt8(answer.readUInt8(25) ^ 1, 25);
    return answer;
  };
  const short = (answer: Buffer) => answer.subarray(0, 20);
  for (const change of [other, short]) {
    const chrony = await answering(t, 'chrony', recorded.following.chrony, change);
    assert.equal(await chronyd(chrony)(systemClock), undefined);
    const ntp = await answering(t, 'ntp', recorded.following.ntp, change);
    assert.equal(await ntpd(ntp)(systemClock), undefined);
  }
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  assert.deepEqual([await chronyd(port)(systemClock), await ntpd(port)(systemClock)], [undefined, undefined]);
});
