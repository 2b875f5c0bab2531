import { randomBytes, randomInt } from 'node:crypto';
import { clockRate, interleave, rtpPacket, senderReport } from './rtp.ts';
import type { Misbehaviour, OutgoingUnit } from './stream.ts';

/** Seconds between sender reports (RFC 3550 6.2 asks for at least 5 s on average). */
const reportEveryS = 5;
/** With `garbage`, one packet in this many has its interleaved framing destroyed too. */
const brokenFrameEvery = 20;
/** The lag of the wall clock with `clock-off`, milliseconds. */
const clockOffMs = -3_600_000;

/** One client's RTP session on its interleaved channels: sequence numbers, time base, sender reports. */
export class RtpSender {
  readonly #channel: number;
  readonly #write: (bytes: Buffer) => void;
  readonly #ssrc = randomInt(2 ** 32);
  /** RFC 3550 5.1: first sequence number and time base are random. */
  readonly #timeBase = randomInt(2 ** 32);
  #sequence = randomInt(2 ** 16);
  #packets = 0;
  #octets = 0;
  #waitsForKey = true;
  #lastReportS = Number.NEGATIVE_INFINITY;
  #lastTime = 0;

  /** `channel` carries RTP and `channel + 1` RTCP. */
  constructor(channel: number, write: (bytes: Buffer) => void) {
    this.#channel = channel;
    this.#write = write;
  }

  get ssrc(): number {
    return this.#ssrc;
  }
  get nextSequence(): number {
    return this.#sequence;
  }
  /** A camera's RTP time as this client sees it. */
  timestamp(rtpTime: number): number {
    return (this.#timeBase + rtpTime) % 2 ** 32;
  }
  /** After a gap no picture can be decoded before the next keyframe. */
  waitForKey(): void {
    this.#waitsForKey = true;
  }

  send(unit: OutgoingUnit, elapsedS: number, wrong?: Misbehaviour): void {
    if (this.#waitsForKey && !unit.key) return;
    this.#waitsForKey = false;
    const garbage = wrong === 'garbage';
    if (elapsedS - this.#lastReportS >= reportEveryS)
      this.#report(elapsedS, wrong === 'clock-off' ? clockOffMs : 0);
    const rtpTime = wrong === 'bad-times' ? this.#badTime(unit.rtpTime) : unit.rtpTime;
    for (const [i, payload] of unit.payloads.entries()) {
      const marker = i === unit.payloads.length - 1;
      this.#sendPacket(garbage ? randomBytes(payload.length) : payload, rtpTime, marker, garbage);
    }
  }

  /**
   * One in three: the last time again, up to ten seconds back, or up to a day ahead; the others are right.
   */
  #badTime(rtpTime: number): number {
    const kind = randomInt(9);
    if (kind === 0) return this.#lastTime;
    if (kind === 1) return Math.max(0, rtpTime - randomInt(10 * clockRate));
    if (kind === 2) return rtpTime + randomInt(86_400) * clockRate;
    this.#lastTime = rtpTime;
    return rtpTime;
  }

  #sendPacket(payload: Buffer, rtpTime: number, marker: boolean, garbage: boolean): void {
    const sequence = this.#sequence;
    const packet = rtpPacket(
      { sequence, timestamp: this.timestamp(rtpTime), ssrc: this.#ssrc, marker },
      payload,
    );
    const frame = interleave(this.#channel, packet);
    if (garbage && this.#packets % brokenFrameEvery === 0) randomBytes(16).copy(frame);
    this.#sequence = (sequence + 1) & 0xffff;
    this.#packets++;
    this.#octets += payload.length;
    this.#write(frame);
  }

  #report(elapsedS: number, clockOffsetMs: number): void {
    this.#lastReportS = elapsedS;
    const report = senderReport({
      ssrc: this.#ssrc,
      epochMs: performance.timeOrigin + performance.now() + clockOffsetMs,
      timestamp: this.timestamp(Math.round(elapsedS * clockRate)),
      packets: this.#packets,
      octets: this.#octets,
    });
    this.#write(interleave(this.#channel + 1, report));
  }
}
