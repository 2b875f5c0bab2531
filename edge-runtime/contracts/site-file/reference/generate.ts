import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Language } from '../said.ts';
import { siteSchema } from '../shape.ts';
import { pageNames, referencePage } from './page.ts';
import { sectionsOf } from './sections.ts';

/**
 * Writes the reference of the site file from its schema, in both languages:
 * `node edge-runtime/contracts/site-file/reference/generate.ts`. A test compares the pages with the schema.
 */
const sections = sectionsOf(siteSchema());
const languages: readonly Language[] = ['zh-CN', 'en'];
for (const language of languages)
  writeFileSync(join(import.meta.dirname, '..', pageNames[language]), referencePage(sections, language));
