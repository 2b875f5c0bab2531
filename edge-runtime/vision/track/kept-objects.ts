import { Box, ObjectClass } from '@gatehouse/contracts';
import { z } from 'zod';
import { type Look, lookLength } from './look.ts';
import type { StoodLook } from './stood-place.ts';

/** The memory of an object that stands still. */
export interface KeptObject {
  readonly id: number;
  readonly class: ObjectClass;
  readonly look: StoodLook;
}

/** Of one camera, as of a frame's time. */
export interface KeptObjects {
  readonly atMs: number;
  readonly objects: readonly KeptObject[];
}

/** A look is kept in whole 16384ths. */
const steps = 16_384;

const Kept = z.strictObject({
  version: z.literal(1),
  atMs: z.number(),
  objects: z
    .array(
      z.strictObject({
        id: z.int().min(1),
        class: ObjectClass,
        box: Box,
        look: z.array(z.int()).length(lookLength),
        ring: z.array(z.int()).length(lookLength),
        self: z.number().min(0).max(1),
      }),
    )
    .max(200),
});

export function packObjects({ atMs, objects }: KeptObjects): Uint8Array {
  const kept: z.infer<typeof Kept> = {
    version: 1,
    atMs,
    objects: objects.map(({ id, class: name, look: { box, look, ring, self } }) => {
      return { id, class: name, box, look: inSteps(look), ring: inSteps(ring), self };
    }),
  };
  return Buffer.from(JSON.stringify(kept));
}

/** `undefined` if the bytes are not what `packObjects` gave. */
export function unpackObjects(bytes: Uint8Array): KeptObjects | undefined {
  const kept = Kept.safeParse(jsonOf(bytes));
  if (!kept.success) return undefined;
  const { atMs, objects } = kept.data;
  return {
    atMs,
    objects: objects.map(({ id, class: name, box, look, ring, self }) => {
      return { id, class: name, look: { box, look: ofSteps(look), ring: ofSteps(ring), self } };
    }),
  };
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function inSteps(look: Look): number[] {
  return Array.from(look, (value) => Math.round(value * steps));
}

function ofSteps(look: readonly number[]): Look {
  return Float32Array.from(look, (value) => value / steps);
}
