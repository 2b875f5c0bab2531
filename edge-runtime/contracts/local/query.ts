import { z } from 'zod';

/** A number in a query: text on the wire, a number on both sides. */
export const queryNumber = () => z.coerce.number<number>();

/** Milliseconds, 0 or more; an empty text is none. */
export const queryMs = z
  .union([z.number(), z.string().min(1).transform(Number)])
  .pipe(z.number().min(0, 'must be milliseconds, 0 or more'));
