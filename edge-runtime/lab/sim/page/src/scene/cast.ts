import { BufferAttribute, BufferGeometry, type Matrix4, Sphere, Vector3 } from 'three';
import {
  type Actor,
  type ActorKind,
  type LabelClass,
  labelClassOf,
  type Moment,
  type Pose,
} from '../../../world.ts';
import { clutterShape } from '../shapes/clutter.ts';
import { lit, type Palette, paletteOf } from '../shapes/palette.ts';
import { dressOf, personShape, statureOf } from '../shapes/person.ts';
import type { Shape } from '../shapes/shape.ts';
import { bicycleShape, ebikeShape, saddles, tricycleShape } from '../shapes/two-wheelers.ts';
import { vehicleShape } from '../shapes/vehicles.ts';
import { limbMatrices, wheelMatrices } from './limbs.ts';

/**
 * One thing with a label of its own: an actor or its rider. Its triangles are `start` to `start + count` of
 * the cast's index.
 */
export interface Body {
  readonly id: string;
  readonly class: LabelClass;
  readonly kind: ActorKind;
  readonly pose: Pose;
  readonly shape: Shape;
  readonly palette: Palette;
  readonly matrices: readonly Matrix4[];
  readonly carrying: boolean;
}

export interface Span {
  readonly start: number;
  readonly count: number;
  /** World-space corners' extremes. */
  readonly bounds: { readonly min: Vector3; readonly max: Vector3 };
}

/** Shapes are made once and serve all worlds. */
const shapes = new Map<string, Shape>();

function cached(name: string, make: () => Shape): Shape {
  const there = shapes.get(name);
  if (there) return there;
  const made = make();
  shapes.set(name, made);
  return made;
}

function shapeOf(kind: ActorKind, look: number): Shape {
  const variant = look % 12;
  return cached(`${kind}/${variant}`, () => {
    switch (kind) {
      case 'ebike':
        return ebikeShape(variant);
      case 'bicycle':
        return bicycleShape(variant);
      case 'tricycle':
        return tricycleShape(variant);
      case 'box':
      case 'bag':
      case 'bin':
      case 'pallet':
      case 'sofa':
        return clutterShape(kind, variant);
      case 'person':
        throw new RangeError('a person is dressed, not shaped');
      default:
        return vehicleShape(kind, variant);
    }
  });
}

function personBody(
  actor: Actor,
  pose: Pose,
  rain: boolean,
  saddle?: { readonly x: number; readonly y: number },
): Body {
  const look = saddle ? (actor.look * 7 + 3) % 0x7fff_ffff : actor.look;
  const dress = dressOf(look, saddle ? 0 : (pose.carries ?? 0), rain, saddle !== undefined);
  const stepped = { ...dress, girth: Math.round(dress.girth * 8) / 8 };
  const carrying = dress.load === 'umbrella' || dress.load === 'box';
  const stature = saddle ? Math.max(0.92, statureOf(look)) : statureOf(look);
  return {
    id: saddle ? `${actor.id}/rider` : actor.id,
    class: 'person',
    kind: 'person',
    pose,
    shape: cached(`person/${JSON.stringify(stepped)}`, () => personShape(stepped)),
    palette: paletteOf(saddle ? 'rider' : 'person', look),
    matrices: limbMatrices(pose, stature, saddle, carrying),
    carrying,
  };
}

/** Everybody present, each rider after the vehicle. */
export function bodiesOf(actors: ReadonlyMap<string, Actor>, moment: Moment, rain: boolean): Body[] {
  return moment.poses.flatMap((pose): Body[] => {
    const actor = actors.get(pose.id);
    if (!actor) return [];
    const { id, kind, look, rider } = actor;
    if (kind === 'person') return [personBody(actor, pose, rain)];
    const body: Body = {
      id,
      class: labelClassOf[kind],
      kind,
      pose,
      shape: shapeOf(kind, look),
      palette: lit(paletteOf(kind, look), pose.headlights ?? false, pose.brakeLights ?? false),
      matrices: wheelMatrices(kind, pose),
      carrying: false,
    };
    if (!rider || !(kind in saddles)) return [body];
    return [body, personBody(actor, pose, rain, saddles[kind as keyof typeof saddles])];
  });
}

/**
 * All bodies in one geometry, written anew for each moment: one draw call a pass, and any body alone by its
 * span.
 */
export class CastGeometry {
  geometry = new BufferGeometry();
  #corners = 0;
  #indices = 0;

  write(bodies: readonly Body[]): Span[] {
    const corners = bodies.reduce((sum, { shape }) => sum + shape.slots.length, 0);
    const indices = bodies.reduce((sum, { shape }) => sum + shape.index.length, 0);
    // Also with nobody in the first moment: the buffers have to be there.
    if (this.#corners === 0 || corners > this.#corners || indices > this.#indices)
      this.#grow(corners, indices);
    const at = { corner: 0, index: 0 };
    const spans = bodies.map((body, i) => this.#writeBody(body, i + 1, at));
    for (const name of ['position', 'normal', 'tint', 'props', 'who']) {
      const attribute = this.geometry.getAttribute(name) as BufferAttribute;
      attribute.clearUpdateRanges();
      attribute.addUpdateRange(0, corners * attribute.itemSize);
      attribute.needsUpdate = true;
    }
    const index = this.geometry.index as BufferAttribute;
    index.clearUpdateRanges();
    index.addUpdateRange(0, indices);
    index.needsUpdate = true;
    this.geometry.setDrawRange(0, indices);
    return spans;
  }

  #grow(corners: number, indices: number): void {
    this.#corners = Math.max(2048, Math.ceil(corners * 1.3));
    this.#indices = Math.max(4096, Math.ceil(indices * 1.3));
    this.geometry.dispose();
    const { geometry } = this;
    for (const name of ['position', 'normal'])
      geometry.setAttribute(name, new BufferAttribute(new Float32Array(this.#corners * 3), 3));
    for (const name of ['tint', 'props', 'who'])
      geometry.setAttribute(name, new BufferAttribute(new Uint8Array(this.#corners * 4), 4, true));
    geometry.setIndex(new BufferAttribute(new Uint32Array(this.#indices), 1));
    geometry.boundingSphere = new Sphere(new Vector3(), 1e6);
  }

  #array<T>(name: string): T {
    return (this.geometry.getAttribute(name) as BufferAttribute).array as T;
  }

  #writeBody(
    { shape, palette, matrices }: Body,
    number: number,
    at: { corner: number; index: number },
  ): Span {
    const [positions, normals] = [this.#array<Float32Array>('position'), this.#array<Float32Array>('normal')];
    const [tint, props, who] = [
      this.#array<Uint8Array>('tint'),
      this.#array<Uint8Array>('props'),
      this.#array<Uint8Array>('who'),
    ];
    const index = (this.geometry.index as BufferAttribute).array as Uint32Array;
    const base = at.corner;
    const bounds = { min: new Vector3(1e9, 1e9, 1e9), max: new Vector3(-1e9, -1e9, -1e9) };
    const place = new Vector3();
    const normal = new Vector3();
    for (let i = 0; i < shape.slots.length; i++) {
      const matrix = matrices[shape.parts[i] ?? 0] ?? (matrices[0] as Matrix4);
      place.fromArray(shape.positions, i * 3).applyMatrix4(matrix);
      normal.fromArray(shape.normals, i * 3).transformDirection(matrix);
      bounds.min.min(place);
      bounds.max.max(place);
      const corner = base + i;
      place.toArray(positions, corner * 3);
      normal.toArray(normals, corner * 3);
      const { rgb, gloss, glow } = palette[shape.slots[i] ?? 0] as Palette[number];
      for (let c = 0; c < 3; c++) tint[corner * 4 + c] = (rgb[c] ?? 0) * 255;
      // Less sky is seen from below: a cheap stand-in for ambient occlusion near the ground.
      tint[corner * 4 + 3] = 255 * Math.min(1, 0.55 + 0.5 * place.y);
      props[corner * 4] = gloss * 255;
      props[corner * 4 + 1] = glow * 255;
      who[corner * 4] = number & 255;
      who[corner * 4 + 1] = number >> 8;
    }
    const start = at.index;
    for (let i = 0; i < shape.index.length; i++) index[start + i] = base + (shape.index[i] ?? 0);
    at.corner += shape.slots.length;
    at.index += shape.index.length;
    return { start, count: shape.index.length, bounds };
  }
}
