import { z } from 'zod';
import { Site } from '../site/site.ts';
import type { SiteFault } from './fault.ts';
import type { Schema } from './form.ts';
import type { Style } from './write.ts';

/** How a file of people looks, for whoever explains what is wrong in it. */
export interface Shape {
  readonly schema: () => Schema;
  /** In which examples are written. */
  readonly style: Style;
  /** What has words of its own: the faults of an issue, or `undefined` for what the schema says. */
  readonly special?: (issue: z.core.$ZodIssue, found: unknown) => readonly SiteFault[] | undefined;
}

let whole: Schema | undefined;

/** The schema itself, so that a message cannot name another bound than the one that was checked. Made when it is first needed. */
export function siteSchema(): Schema {
  whole ??= z.toJSONSchema(Site, { io: 'input', unrepresentable: 'any' }) as Schema;
  return whole;
}

/** How a site file looks: YAML, by its schema. */
export const siteShape: Shape = { schema: siteSchema, style: 'yaml' };
