/** RTP and RTCP bytes (RFC 3550), carried on the RTSP connection (RFC 2326 10.12). */
export const clockRate = 90_000;
export const payloadType = 96;

export interface RtpFields {
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
  /** Set on the last packet of an access unit. */
  readonly marker: boolean;
}

/** An RTP packet: the 12-byte header of RFC 3550 5.1 and the payload. */
export function rtpPacket(fields: RtpFields, payload: Buffer): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt8(0x80, 0);
  header.writeUInt8((fields.marker ? 0x80 : 0) | payloadType, 1);
  header.writeUInt16BE(fields.sequence & 0xffff, 2);
  header.writeUInt32BE(fields.timestamp >>> 0, 4);
  header.writeUInt32BE(fields.ssrc >>> 0, 8);
  return Buffer.concat([header, payload]);
}

export interface SenderReport {
  readonly ssrc: number;
  /** Wall time, milliseconds since 1970. */
  readonly epochMs: number;
  /** RTP time of that same instant. */
  readonly timestamp: number;
  readonly packets: number;
  readonly octets: number;
}

/** Seconds from 1900-01-01 (NTP) to 1970-01-01 (Unix). */
const ntpOffsetS = 2_208_988_800;

/** A compound RTCP packet: sender report (RFC 3550 6.4.1) and source description with CNAME (6.5). */
export function senderReport(report: SenderReport): Buffer {
  const sr = Buffer.alloc(28);
  sr.writeUInt16BE(0x80c8, 0);
  sr.writeUInt16BE(6, 2);
  sr.writeUInt32BE(report.ssrc >>> 0, 4);
  const seconds = Math.floor(report.epochMs / 1000);
  sr.writeUInt32BE((seconds + ntpOffsetS) >>> 0, 8);
  sr.writeUInt32BE(Math.floor(((report.epochMs % 1000) / 1000) * 2 ** 32) >>> 0, 12);
  sr.writeUInt32BE(report.timestamp >>> 0, 16);
  sr.writeUInt32BE(report.packets >>> 0, 20);
  sr.writeUInt32BE(report.octets >>> 0, 24);
  return Buffer.concat([sr, cname(report.ssrc, 'camera')]);
}

function cname(ssrc: number, name: string): Buffer {
  const itemBytes = 2 + name.length;
  const padded = Math.ceil((itemBytes + 1) / 4) * 4;
  const sdes = Buffer.alloc(8 + padded);
  sdes.writeUInt16BE(0x81ca, 0);
  sdes.writeUInt16BE(sdes.length / 4 - 1, 2);
  sdes.writeUInt32BE(ssrc >>> 0, 4);
  sdes.writeUInt8(1, 8);
  sdes.writeUInt8(name.length, 9);
  sdes.write(name, 10, 'ascii');
  return sdes;
}

/** `$`, channel, length, packet (RFC 2326 10.12). */
export function interleave(channel: number, packet: Buffer): Buffer {
  const head = Buffer.of(0x24, channel, 0, 0);
  head.writeUInt16BE(packet.length, 2);
  return Buffer.concat([head, packet]);
}
