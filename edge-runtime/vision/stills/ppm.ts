/** A decoded picture: RGB, 8 bits, rows from the top. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Buffer;
}

/** Reads a binary PPM (netpbm P6, 8 bits) as ffmpeg writes it; undefined if it is none or is cut off. */
export function parsePpm(bytes: Buffer): Picture | undefined {
  const header = /^P6\s(\d{1,5})\s(\d{1,5})\s255\s/.exec(bytes.subarray(0, 32).toString('latin1'));
  if (!header) return undefined;
  const [width, height] = [Number(header[1]), Number(header[2])];
  const pixels = bytes.subarray(header[0].length);
  const wanted = width * height * 3;
  return wanted > 0 && pixels.length >= wanted
    ? { width, height, pixels: pixels.subarray(0, wanted) }
    : undefined;
}
