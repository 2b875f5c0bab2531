import { z } from 'zod';
import { BoardFile } from './board-file.ts';
import { SensorFile } from './sensor-file.ts';
import { WiringFile } from './wiring-file.ts';

/** A profile as it stands in its file. `profile.schema.json` is made of this. */
export const ProfileFile = z.discriminatedUnion('kind', [BoardFile, SensorFile, WiringFile]);
export type ProfileFile = z.infer<typeof ProfileFile>;

export type { BoardFile } from './board-file.ts';
export type { SensorFile } from './sensor-file.ts';
export type { WiringFile } from './wiring-file.ts';
