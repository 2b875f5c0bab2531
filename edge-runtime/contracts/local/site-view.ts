import { z } from 'zod';
import { DeviceAction, InputKind } from '../device.ts';
import { Id } from '../primitives.ts';

/** The names that pickers may list. */
export const SiteView = z.strictObject({
  id: Id,
  name: z.record(z.string(), z.string()),
  cameras: z.array(
    z.strictObject({
      id: Id,
      name: z.record(z.string(), z.string()),
      zones: z.array(
        z.strictObject({
          id: Id,
          name: z.record(z.string(), z.string()),
          polygon: z.array(z.tuple([z.number(), z.number()])),
        }),
      ),
    }),
  ),
  devices: z.array(
    z.strictObject({
      id: Id,
      kind: z.string(),
      name: z.record(z.string(), z.string()),
      actions: z.array(DeviceAction),
    }),
  ),
  /** Dry contacts of their own, and interlocks: incidents name them in `device`, too. */
  inputs: z.array(z.strictObject({ id: Id, kind: InputKind, name: z.record(z.string(), z.string()) })),
  /** Sensors and card readers, which incidents name in `device`, too. */
  sensors: z.array(z.strictObject({ id: Id, name: z.record(z.string(), z.string()) })),
  readers: z.array(z.strictObject({ id: Id, name: z.record(z.string(), z.string()) })),
  interlocks: z.array(
    z.strictObject({
      id: Id,
      name: z.record(z.string(), z.string()),
      /** Of these devices one at most may be open. */
      doors: z.array(Id),
    }),
  ),
});
export type SiteView = z.infer<typeof SiteView>;
