import { z } from 'zod';
import { Site } from '../site/site.ts';
import type { SiteFault } from './fault.ts';
import type { Schema } from './form.ts';
import type { Style } from './write.ts';

/** The form of a file that people write, for explaining its mistakes. */
export interface Shape {
  readonly schema: () => Schema;
  /** In which examples are written. */
  readonly style: Style;
  /**
   * Issues that have words of their own. Gives their faults, or `undefined` for an issue that the schema
   * explains.
   */
  readonly special?: (issue: z.core.$ZodIssue, found: unknown) => readonly SiteFault[] | undefined;
}

let whole: Schema | undefined;

/** The schema itself, so that a message names the bound that was checked. Made when it is first needed. */
export function siteSchema(): Schema {
  whole ??= z.toJSONSchema(Site, { io: 'input', unrepresentable: 'any' }) as Schema;
  return whole;
}

/** The form of a site file: YAML, by its schema. */
export const siteShape: Shape = { schema: siteSchema, style: 'yaml' };
