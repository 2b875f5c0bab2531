import { z } from 'zod';
import { Id } from '../primitives.ts';

const share = z.number().min(0).max(1);

/** Shares of the vehicles and people of the catalogue's real test footage that a model finds. */
export const Recall = z.strictObject({ vehicle: share, person: share });
export type Recall = z.infer<typeof Recall>;

/** A detector as it runs now, and the one that ought to run if that is another. */
export const ModelInUse = z.strictObject({
  id: Id,
  /**
   * `named` by the site file; the catalogue's `default`; `bundled`: the default has never been on this box;
   * `fallback`: the detector that should run is damaged, gone or does not load, and the bundled model runs
   * until somebody mends it.
   */
  why: z.enum(['named', 'default', 'bundled', 'fallback']),
  /** Of the network's input, pixels. */
  width: z.int().min(1),
  height: z.int().min(1),
  /** Cameras that it looks at. */
  cameras: z.array(Id),
  /** Absent where nobody has measured it. */
  recall: Recall.optional(),
  /** With `bundled` and `fallback`. */
  instead: z
    .strictObject({
      /** As the catalogue or the site file calls it. */
      id: z.string().max(63),
      /** Stable code of the reason why it does not run. */
      code: z.string().max(60),
      recall: Recall.optional(),
    })
    .optional(),
});
export type ModelInUse = z.infer<typeof ModelInUse>;
