import { writeFileSync } from 'node:fs';
import { asyncApiDocument, fileText, publishedSchemas } from './published.ts';

/**
 * Writes the published schemas from the contracts: `node sync-agent/schemas/generate.ts`. A test compares
 * them.
 */
for (const file of [...publishedSchemas(), asyncApiDocument()])
  writeFileSync(new URL(file.name, import.meta.url), fileText(file));
