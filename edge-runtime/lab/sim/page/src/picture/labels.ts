import type { Mesh, RawShaderMaterial, Scene, WebGLRenderer } from 'three';
import { NearestFilter, Vector3, WebGLRenderTarget } from 'three';
import type { Label, PixelBox, View } from '../../../world.ts';
import type { Body, CastGeometry, Span } from '../scene/cast.ts';
import { type Pinhole, partOf, squeeze } from './lens.ts';

/** The part of one body that a picture of body numbers shows. */
interface Seen {
  count: number;
  x1: number;
  y1: number;
  x2: number;
  y2: number;
}

/** Counts the pixels of each number (red + 256 green), row 0 at the top. */
export function tally(pixels: Uint8Array, width: number, height: number): Map<number, Seen> {
  const seen = new Map<number, Seen>();
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const i = (y * width + x) * 4;
      const number = (pixels[i] ?? 0) + 256 * (pixels[i + 1] ?? 0);
      if (number === 0) continue;
      const there = seen.get(number);
      if (!there) {
        seen.set(number, { count: 1, x1: x, y1: y, x2: x + 1, y2: y + 1 });
        continue;
      }
      there.count++;
      if (x < there.x1) there.x1 = x;
      if (x >= there.x2) there.x2 = x + 1;
      there.y2 = y + 1;
    }
  return seen;
}

/** A body drawn alone: its picture's place in the atlas, and its part of the pinhole's picture. */
interface Tile {
  readonly number: number;
  readonly at: readonly [x: number, y: number];
  readonly size: readonly [w: number, h: number];
  /** Edges in focal lengths, upwards positive. */
  readonly edges: readonly [left: number, right: number, bottom: number, top: number];
}

const atlasPx = 1024;

/**
 * Measures the part of each body that the picture shows, against the part that it would show of the body
 * alone.
 */
export class Labeller {
  readonly #atlas = new WebGLRenderTarget(atlasPx, atlasPx, {
    minFilter: NearestFilter,
    magFilter: NearestFilter,
  });
  readonly #pixels = new Uint8Array(atlasPx * atlasPx * 4);

  /**
   * `picture` holds the numbers of `bodies` (from 1) as the camera sees them; `sway` is the camera's look
   * aside in pixels, y upwards.
   */
  label(
    renderer: WebGLRenderer,
    soloScene: Scene,
    cast: CastGeometry,
    {
      bodies,
      spans,
      pinhole,
      view,
      picture,
      sway,
    }: {
      readonly bodies: readonly Body[];
      readonly spans: readonly Span[];
      readonly pinhole: Pinhole;
      readonly view: View;
      readonly picture: Uint8Array;
      readonly sway: readonly [number, number];
    },
  ): Label[] {
    const seen = tally(picture, view.widthPx, view.heightPx);
    const wanted = bodies.map((_, i) => i + 1).filter((number) => seen.has(number));
    const tiles = packed(wanted, spans, pinhole);
    if (tiles.length === 0) return [];
    this.#drawAlone(renderer, soloScene, cast, tiles, spans, pinhole);
    return tiles.map((tile) => {
      const body = bodies[tile.number - 1] as Body;
      const shown = seen.get(tile.number) as Seen;
      const { area, whole, cut } = this.#measure(tile, view, pinhole, sway);
      const { count, ...box } = shown;
      return {
        id: body.id,
        class: body.class,
        kind: body.kind,
        box,
        whole: joined(whole, box),
        visible: Math.round(1000 * Math.min(1, count / Math.max(count, area))) / 1000,
        cut,
      };
    });
  }

  #drawAlone(
    renderer: WebGLRenderer,
    scene: Scene,
    cast: CastGeometry,
    tiles: readonly Tile[],
    spans: readonly Span[],
    pinhole: Pinhole,
  ): void {
    const mesh = scene.children[0] as Mesh<typeof cast.geometry, RawShaderMaterial>;
    const { start, count } = cast.geometry.drawRange;
    this.#atlas.scissorTest = true;
    this.#atlas.scissor.set(0, 0, atlasPx, atlasPx);
    renderer.setRenderTarget(this.#atlas);
    renderer.clear();
    for (const { number, at, size, edges } of tiles) {
      const span = spans[number - 1] as Span;
      mesh.geometry.setDrawRange(span.start, span.count);
      this.#atlas.viewport.set(at[0], at[1], size[0], size[1]);
      this.#atlas.scissor.set(at[0], at[1], size[0], size[1]);
      renderer.setRenderTarget(this.#atlas);
      renderer.render(scene, partOf(pinhole, ...edges));
    }
    mesh.geometry.setDrawRange(start, count);
    const rows = Math.max(...tiles.map(({ at, size }) => at[1] + size[1]));
    renderer.readRenderTargetPixels(this.#atlas, 0, 0, atlasPx, rows, this.#pixels);
  }

  #measure(
    { number, at, size, edges }: Tile,
    view: View,
    { focalPx }: Pinhole,
    sway: readonly [number, number],
  ): { area: number; whole: PixelBox; cut: boolean } {
    const [left, right, bottom, top] = edges;
    const [dx, dy] = [(right - left) / size[0], (top - bottom) / size[1]];
    const one = dx * focalPx * (dy * focalPx);
    const all = { x1: 1e9, y1: 1e9, x2: -1e9, y2: -1e9 };
    let area = 0;
    for (let j = 0; j < size[1]; j++)
      for (let i = 0; i < size[0]; i++) {
        const p = ((at[1] + j) * atlasPx + at[0] + i) * 4;
        if ((this.#pixels[p] ?? 0) + 256 * (this.#pixels[p + 1] ?? 0) !== number) continue;
        const [x, y] = [left + (i + 0.5) * dx, bottom + (j + 0.5) * dy];
        const shrink = squeeze(Math.hypot(x, y), view.distortion);
        const r2 = (x * x + y * y) * shrink * shrink;
        area += (one * shrink) / (1 + 3 * view.distortion * r2);
        const px = view.widthPx / 2 + focalPx * x * shrink - sway[0];
        const py = view.heightPx / 2 - focalPx * y * shrink + sway[1];
        const [hx, hy] = [(dx * focalPx * shrink) / 2, (dy * focalPx * shrink) / 2];
        all.x1 = Math.min(all.x1, px - hx);
        all.x2 = Math.max(all.x2, px + hx);
        all.y1 = Math.min(all.y1, py - hy);
        all.y2 = Math.max(all.y2, py + hy);
      }
    const cut =
      all.x1 < -0.75 || all.y1 < -0.75 || all.x2 > view.widthPx + 0.75 || all.y2 > view.heightPx + 0.75;
    return { area, whole: within(all, view), cut };
  }
}

function within(box: PixelBox, { widthPx, heightPx }: View): PixelBox {
  const round = (v: number, most: number) => Math.min(most, Math.max(0, Math.round(v)));
  return {
    x1: round(box.x1, widthPx),
    y1: round(box.y1, heightPx),
    x2: round(box.x2, widthPx),
    y2: round(box.y2, heightPx),
  };
}

function joined(a: PixelBox, b: PixelBox): PixelBox {
  return {
    x1: Math.min(a.x1, b.x1),
    y1: Math.min(a.y1, b.y1),
    x2: Math.max(a.x2, b.x2),
    y2: Math.max(a.y2, b.y2),
  };
}

/**
 * Room for each body in the atlas, shelf by shelf: as many pixels as in the picture, fewer for large ones,
 * twice as many for small.
 */
function packed(numbers: readonly number[], spans: readonly Span[], pinhole: Pinhole): Tile[] {
  const most = numbers.length <= 30 ? 164 : numbers.length <= 90 ? 96 : 48;
  let [x, y, shelf] = [0, 0, 0];
  return numbers.map((number) => {
    const edges = edgesOf(spans[number - 1] as Span, pinhole);
    const [w, h] = [(edges[1] - edges[0]) * pinhole.focalPx, (edges[3] - edges[2]) * pinhole.focalPx];
    const density = Math.min(2, (most - 2) / Math.max(w, h));
    const size: [number, number] = [Math.max(2, Math.ceil(w * density)), Math.max(2, Math.ceil(h * density))];
    if (x + size[0] > atlasPx) [x, y, shelf] = [0, y + shelf, 0];
    const tile = { number, at: [x, y] as const, size, edges };
    x += size[0];
    shelf = Math.max(shelf, size[1]);
    return tile;
  });
}

/**
 * The part of the (endless) pinhole picture that a body's bounding box covers, a pixel wider on all sides.
 */
function edgesOf(
  { bounds: { min, max } }: Span,
  { camera, reach, focalPx }: Pinhole,
): [number, number, number, number] {
  const edges: [number, number, number, number] = [1e9, -1e9, 1e9, -1e9];
  const far = [3 * reach[0], 3 * reach[1]] as const;
  for (let corner = 0; corner < 8; corner++) {
    const p = new Vector3(
      corner & 1 ? max.x : min.x,
      corner & 2 ? max.y : min.y,
      corner & 4 ? max.z : min.z,
    ).applyMatrix4(camera.matrixWorldInverse);
    // Behind the camera: the body covers everything on that side, up to where counting stops.
    const depth = Math.max(-p.z, 0.05);
    const [x, y] = [
      Math.min(far[0], Math.max(-far[0], p.x / depth)),
      Math.min(far[1], Math.max(-far[1], p.y / depth)),
    ];
    edges[0] = Math.min(edges[0], x);
    edges[1] = Math.max(edges[1], x);
    edges[2] = Math.min(edges[2], y);
    edges[3] = Math.max(edges[3], y);
  }
  const rim = 1 / focalPx;
  return [edges[0] - rim, edges[1] + rim, edges[2] - rim, edges[3] + rim];
}
