import type { Throws } from '../throws.ts';

export type Pen = OffscreenCanvasRenderingContext2D;
export type Painter = (pen: Pen, t: Throws, size: number) => void;

/** Value noise that tiles, octaves from `cells` per side upwards, between 0 and 1. */
function noiseField(t: Throws, size: number, cells: number, octaves: number): Float32Array {
  const sum = new Float32Array(size * size);
  let weight = 0.5;
  for (let octave = 0; octave < octaves; octave++, cells *= 2, weight /= 2) {
    const grid = Float32Array.from({ length: cells * cells }, () => t.uniform(0, 1));
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++) {
        const [gx, gy] = [(x / size) * cells, (y / size) * cells];
        const [ix, iy] = [Math.floor(gx), Math.floor(gy)];
        const [fx, fy] = [gx - ix, gy - iy];
        const [sx, sy] = [fx * fx * (3 - 2 * fx), fy * fy * (3 - 2 * fy)];
        const at = (i: number, j: number) => grid[((iy + j) % cells) * cells + ((ix + i) % cells)] ?? 0;
        const top = at(0, 0) + (at(1, 0) - at(0, 0)) * sx;
        const bottom = at(0, 1) + (at(1, 1) - at(0, 1)) * sx;
        sum[y * size + x] = (sum[y * size + x] ?? 0) + weight * (top + (bottom - top) * sy);
      }
  }
  return sum;
}

/** Multiplies the painted colours by noise of this strength, and adds grain. */
export function weathered(
  pen: Pen,
  t: Throws,
  size: number,
  { cells = 4, depth = 0.3, grain = 12 } = {},
): void {
  const field = noiseField(t, size, cells, 5);
  const image = pen.getImageData(0, 0, size, size);
  for (let i = 0; i < size * size; i++) {
    const shade = 1 + depth * ((field[i] ?? 0.5) - 0.5) * 2;
    const speck = t.uniform(-grain, grain);
    for (let c = 0; c < 3; c++) image.data[i * 4 + c] = (image.data[i * 4 + c] ?? 0) * shade + speck;
  }
  pen.putImageData(image, 0, 0);
}

/** Makes alpha lighter where noise is low: worn paint. */
export function worn(pen: Pen, t: Throws, size: number, depth: number): void {
  const field = noiseField(t, size, 12, 5);
  const image = pen.getImageData(0, 0, size, size);
  for (let i = 0; i < size * size; i++) {
    const kept = Math.min(1, Math.max(0, 1 - depth * 3 * Math.max(0, (field[i] ?? 0.5) - 0.47)));
    image.data[i * 4 + 3] = (image.data[i * 4 + 3] ?? 0) * kept;
  }
  pen.putImageData(image, 0, 0);
}
