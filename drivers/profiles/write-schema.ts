/**
 * Writes `profile.schema.json`, the published schema of a profile file: `node
 * drivers/profiles/write-schema.ts`. A test fails when the file is older than the schema that the product
 * checks with.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { profileJsonSchema } from './json-schema.ts';

writeFileSync(join(import.meta.dirname, 'profile.schema.json'), profileJsonSchema());
