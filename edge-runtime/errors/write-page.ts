import { writeFileSync } from 'node:fs';
import { errorPage } from './page.ts';

writeFileSync(new URL('errors.md', import.meta.url), errorPage());
