import type { Layout } from '../world.ts';
import { court } from './court.ts';
import { gate } from './gate.ts';
import { lane } from './lane.ts';
import type { Site } from './shapes.ts';

export type { Mount, Site } from './shapes.ts';

/** The hand-made layouts, which scenarios take place in. */
export const sites = { lane, court, gate } as const satisfies Readonly<Record<string, Site>>;
export type SiteName = keyof typeof sites;

/** The part of a layout that a world holds: all but its cameras. */
export function layoutOf({ name, fixtures, surfaces, places }: Site): Layout {
  return { name, fixtures, surfaces, places };
}
