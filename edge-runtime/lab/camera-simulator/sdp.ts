import type { DecoderConfig } from './nal.ts';
import { nalType, typeOfNal } from './nal.ts';
import { clockRate, payloadType } from './rtp.ts';

/** The relative control address of the one video track. */
export const trackControl = 'trackID=1';

/**
 * A session description (RFC 4566) with the decoder configuration in `fmtp` (RFC 6184 8.2.1, RFC 7798 7.1).
 */
export function describeStream(config: DecoderConfig, host: string, fps: number): string {
  const encoding = config.codec === 'h264' ? 'H264' : 'H265';
  return `${[
    'v=0',
    `o=- 1 1 IN IP4 ${host}`,
    's=Camera',
    `c=IN IP4 ${host}`,
    't=0 0',
    'a=control:*',
    'a=range:npt=now-',
    `m=video 0 RTP/AVP ${payloadType}`,
    `a=rtpmap:${payloadType} ${encoding}/${clockRate}`,
    `a=fmtp:${payloadType} ${formatParameters(config)}`,
    `a=framerate:${Number(fps.toFixed(3))}`,
    `a=control:${trackControl}`,
  ].join('\r\n')}\r\n`;
}

function formatParameters(config: DecoderConfig): string {
  const ofType = (type: number) =>
    config.parameterSets
      .filter((nal) => typeOfNal(config.codec, nal) === type)
      .map((nal) => nal.toString('base64'))
      .join(',');
  if (config.codec === 'h265') {
    const { vps, sps, pps } = nalType.h265;
    return `sprop-vps=${ofType(vps)};sprop-sps=${ofType(sps)};sprop-pps=${ofType(pps)}`;
  }
  const { sps, pps } = nalType.h264;
  const first = config.parameterSets.find((nal) => typeOfNal('h264', nal) === sps);
  const level = first?.toString('hex', 1, 4) ?? '42001e';
  return `packetization-mode=1;profile-level-id=${level};sprop-parameter-sets=${ofType(sps)},${ofType(pps)}`;
}
