import type { Codec } from './nal.ts';
import { typeOfNal } from './nal.ts';

/**
 * Payload bytes a packet; with 12 bytes of RTP, 8 of UDP and 20 of IP it fits an Ethernet frame, as cameras
 * do on TCP too.
 */
export const maxPayloadBytes = 1400;

/** RTP payloads of one NAL unit: itself if it fits, else fragments (RFC 6184 5.8 FU-A; RFC 7798 4.4.3 FU). */
export function packetize(codec: Codec, nal: Buffer, limit = maxPayloadBytes): Buffer[] {
  if (nal.length <= limit) return [nal];
  const type = typeOfNal(codec, nal);
  const head = codec === 'h264' ? h264FuIndicator(nal) : h265PayloadHeader(nal);
  const nalHeaderBytes = codec === 'h264' ? 1 : 2;
  const room = limit - head.length - 1;
  const packets: Buffer[] = [];
  for (let at = nalHeaderBytes; at < nal.length; at += room) {
    const start = at === nalHeaderBytes ? 0x80 : 0;
    const end = at + room >= nal.length ? 0x40 : 0;
    packets.push(Buffer.concat([head, Buffer.of(start | end | type), nal.subarray(at, at + room)]));
  }
  return packets;
}

/** F and NRI of the fragmented unit with type 28 (FU-A). */
function h264FuIndicator(nal: Buffer): Buffer {
  return Buffer.of((nal.readUInt8(0) & 0xe0) | 28);
}

/** F, layer and temporal id of the fragmented unit with type 49 (FU). */
function h265PayloadHeader(nal: Buffer): Buffer {
  return Buffer.of((nal.readUInt8(0) & 0x81) | (49 << 1), nal.readUInt8(1));
}
