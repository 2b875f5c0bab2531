import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import type { Clock } from './clock.ts';

/**
 * Asks a program on this machine if it keeps the clock right; `undefined` where no program gives a proper
 * answer.
 */
export type TimeServer = (clock: Clock) => Promise<boolean | undefined>;

/** An answer from the same machine comes within a millisecond; a busy one gets much more. */
const answerWithinMs = 1_000;
/**
 * NTP's own bound on root distance (RFC 5905, MAXDIST), seconds: beyond it a server is not good enough to
 * follow.
 */
const maxDistanceS = 1.5;
/** 127.127.1.x, "LOCL" and "LCL": a server that follows nothing but its own clock and hands that out. */
const freeRunning: readonly string[] = ['7f7f01', '4c4f434c', '4c434c00'];

interface Quality {
  /** 3 is "not synchronised" (RFC 5905, figure 9). */
  readonly leap: number;
  readonly stratum: number;
  readonly reference: Buffer;
  readonly delayS: number;
  readonly dispersionS: number;
}

function isKept({ leap, stratum, reference, delayS, dispersionS }: Quality): boolean {
  const id = reference.toString('hex');
  if (leap === 3 || stratum < 1 || stratum > 15 || freeRunning.some((own) => id.startsWith(own)))
    return false;
  return delayS / 2 + dispersionS <= maxDistanceS;
}

/**
 * Asks chronyd by its monitoring protocol (version 6, chrony 2.0 on). It answers `tracking` on UDP port 323
 * of the loopback to every program on the machine, also when it serves no time. A request is as long as its
 * answer.
 */
export function chronyd(port = 323): TimeServer {
  const [version, isRequest, isAnswer, tracking, trackingReply, bytes] = [6, 1, 2, 33, 5, 104];
  return async (clock) => {
    const request = Buffer.alloc(bytes);
    request.writeUInt8(version, 0);
    request.writeUInt8(isRequest, 1);
    request.writeUInt16BE(tracking, 4);
    randomBytes(4).copy(request, 8);
    const answer = await ask(clock, port, request);
    if (!answer || answer.length < bytes || answer[0] !== version || answer[1] !== isAnswer) return undefined;
    const isOurs = answer.subarray(16, 20).equals(request.subarray(8, 12));
    if (!isOurs || answer.readUInt16BE(6) !== trackingReply || answer.readUInt16BE(8) !== 0) return undefined;
    return isKept({
      reference: answer.subarray(28, 32),
      stratum: answer.readUInt16BE(52),
      leap: answer.readUInt16BE(54),
      delayS: chronyFloat(answer.readUInt32BE(92)),
      dispersionS: chronyFloat(answer.readUInt32BE(96)),
    });
  };
}

/** 7 bits of signed exponent, 25 of signed coefficient: coefficient x 2^(exponent - 25). */
function chronyFloat(bits: number): number {
  const exponent = (bits | 0) >> 25;
  const coefficient = ((bits << 7) | 0) >> 7;
  return coefficient * 2 ** (exponent - 25);
}

/** ntpd and its relatives, which answer NTP (RFC 5905) on UDP port 123 to their own machine. */
export function ntpd(port = 123): TimeServer {
  const [bytes, versionAndClient] = [48, 0x23];
  return async (clock) => {
    const request = Buffer.alloc(bytes);
    request.writeUInt8(versionAndClient, 0);
    randomBytes(8).copy(request, 40);
    const answer = await ask(clock, port, request);
    if (!answer || answer.length < bytes || (answer.readUInt8(0) & 7) !== 4) return undefined;
    // The answer names the request by its transmit timestamp.
    if (!answer.subarray(24, 32).equals(request.subarray(40, 48))) return undefined;
    return isKept({
      leap: answer.readUInt8(0) >> 6,
      stratum: answer.readUInt8(1),
      delayS: answer.readInt32BE(4) / 2 ** 16,
      dispersionS: answer.readUInt32BE(8) / 2 ** 16,
      reference: answer.subarray(12, 16),
    });
  };
}

/**
 * Sends one datagram to a port of this machine. Returns the answer, or nothing if none comes or nobody
 * listens.
 */
function ask(clock: Clock, port: number, request: Buffer): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    const done = (answer?: Buffer) => {
      cancel();
      socket.close();
      resolve(answer);
    };
    const cancel = clock.after(answerWithinMs, () => done());
    socket.once('message', (answer) => done(answer));
    // Nobody listens there: the kernel says so (ECONNREFUSED).
    socket.on('error', () => done());
    // Connected, it hears nobody but that port.
    socket.connect(port, '127.0.0.1', () => socket.send(request));
  });
}
