import {
  DataArrayTexture,
  LinearFilter,
  LinearMipmapNearestFilter,
  RepeatWrapping,
  RGBAFormat,
  UnsignedByteType,
} from 'three';
import { Throws } from '../throws.ts';
import { painters } from './painters.ts';

/** One layer of the texture array that everything is drawn with; layer 0 is white. */
export const layers = {
  white: 0,
  asphalt: 1,
  concrete: 2,
  paving: 3,
  brick: 4,
  grass: 5,
  plainFacade: 6,
  balconies: 7,
  ribbons: 8,
  shops: 9,
  leaves: 10,
  hedge: 11,
  wall: 12,
  fence: 13,
  fireText: 14,
  line: 15,
  blot: 16,
  crack: 17,
  manhole: 18,
  arrow: 19,
  shade: 20,
  sign: 21,
  oldFacade: 22,
} as const;
export type Layer = keyof typeof layers;

const sizePx = 512;

/** Paints every layer, always the same way. Opaque layers use alpha below one half for panes of glass. */
export function paintTextures(): DataArrayTexture {
  const count = Object.keys(layers).length;
  const data = new Uint8Array(sizePx * sizePx * 4 * count);
  data.fill(255, 0, sizePx * sizePx * 4);
  const canvas = new OffscreenCanvas(sizePx, sizePx);
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  if (!pen) throw new Error('no 2d canvas');
  for (const [name, layer] of Object.entries(layers) as [Layer, number][]) {
    if (name === 'white') continue;
    pen.reset();
    painters[name](pen, new Throws(layer, 41), sizePx);
    data.set(pen.getImageData(0, 0, sizePx, sizePx).data, layer * sizePx * sizePx * 4);
  }
  const texture = new DataArrayTexture(data, sizePx, sizePx, count);
  texture.format = RGBAFormat;
  texture.type = UnsignedByteType;
  texture.wrapS = RepeatWrapping;
  texture.wrapT = RepeatWrapping;
  texture.minFilter = LinearMipmapNearestFilter;
  texture.magFilter = LinearFilter;
  texture.generateMipmaps = true;
  texture.anisotropy = 1;
  texture.needsUpdate = true;
  return texture;
}
