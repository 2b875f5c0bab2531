import {
  DataArrayTexture,
  LinearFilter,
  LinearMipmapNearestFilter,
  RepeatWrapping,
  RGBAFormat,
  UnsignedByteType,
} from 'three';
import { Throws } from '../throws.ts';
import { type Layer, layers } from './layers.ts';
import { painters } from './painters.ts';

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
