/** The two codecs that surveillance cameras speak. */
export type Codec = 'h264' | 'h265';

/** The data that a decoder needs before its first picture, and the layout of samples in the file. */
export interface DecoderConfig {
  readonly codec: Codec;
  /** Bytes of the length in front of each NAL unit of a sample: 1, 2 or 4. */
  readonly lengthSize: number;
  /** H.264: SPS then PPS; H.265: VPS, SPS, PPS. Without start codes. */
  readonly parameterSets: readonly Buffer[];
}

export const nalType = {
  h264: { sps: 7, pps: 8, aud: 9 },
  h265: { vps: 32, sps: 33, pps: 34, aud: 35 },
} as const;

/** The `nal_unit_type` (ITU-T H.264 7.3.1; H.265 7.3.1.2). */
export function typeOfNal(codec: Codec, nal: Buffer): number {
  const first = nal[0] ?? 0;
  return codec === 'h264' ? first & 0x1f : (first >> 1) & 0x3f;
}

/**
 * Splits a sample of an MP4 file into NAL units (ISO/IEC 14496-15, 5.3.2). Throws on a length that overruns.
 */
export function splitSample(sample: Buffer, lengthSize: number): Buffer[] {
  const nals: Buffer[] = [];
  let at = 0;
  while (at < sample.length) {
    const start = at + lengthSize;
    const size = start <= sample.length ? sample.readUIntBE(at, lengthSize) : Number.NaN;
    if (!(start + size <= sample.length)) throw new Error(`NAL unit at byte ${at} overruns its sample`);
    if (size > 0) nals.push(sample.subarray(start, start + size));
    at = start + size;
  }
  return nals;
}

/**
 * The NAL units to send for one sample: parameter sets go before a keyframe, behind an access unit delimiter.
 */
export function withParameterSets(config: DecoderConfig, nals: readonly Buffer[], key: boolean): Buffer[] {
  const types = nalType[config.codec];
  if (!key || nals.some((nal) => typeOfNal(config.codec, nal) === types.sps)) return [...nals];
  const [first, ...rest] = nals;
  if (first && typeOfNal(config.codec, first) === types.aud) return [first, ...config.parameterSets, ...rest];
  return [...config.parameterSets, ...nals];
}

/** AVCDecoderConfigurationRecord (ISO/IEC 14496-15, 5.3.3.1). */
export function parseAvcC(bytes: Buffer): DecoderConfig {
  const lengthSize = (bytes.readUInt8(4) & 3) + 1;
  const parameterSets: Buffer[] = [];
  let at = 5;
  for (const countMask of [0x1f, 0xff]) {
    const count = bytes.readUInt8(at++) & countMask;
    for (let i = 0; i < count; i++) at = takeUnit(bytes, at, parameterSets);
  }
  return { codec: 'h264', lengthSize, parameterSets };
}

/**
 * HEVCDecoderConfigurationRecord (ISO/IEC 14496-15, 8.3.3.1); only VPS, SPS and PPS are kept, in that order.
 */
export function parseHvcC(bytes: Buffer): DecoderConfig {
  const lengthSize = (bytes.readUInt8(21) & 3) + 1;
  const all: Buffer[] = [];
  let at = 23;
  for (let arrays = bytes.readUInt8(22); arrays > 0; arrays--) {
    const count = bytes.readUInt16BE(at + 1);
    at += 3;
    for (let i = 0; i < count; i++) at = takeUnit(bytes, at, all);
  }
  const { vps, sps, pps } = nalType.h265;
  const parameterSets = [vps, sps, pps].flatMap((type) =>
    all.filter((nal) => typeOfNal('h265', nal) === type),
  );
  return { codec: 'h265', lengthSize, parameterSets };
}

function takeUnit(bytes: Buffer, at: number, into: Buffer[]): number {
  const end = at + 2 + bytes.readUInt16BE(at);
  into.push(bytes.subarray(at + 2, end));
  return end;
}
