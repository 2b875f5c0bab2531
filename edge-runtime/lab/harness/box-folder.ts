import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Writes a box's site file into `folder` and returns the environment in which its services run there; the
 * console takes any free port.
 */
export function boxIn(folder: string, site: string): NodeJS.ProcessEnv & { readonly GATEHOUSE_SITE: string } {
  const file = join(folder, 'site.yaml');
  writeFileSync(file, site);
  return {
    ...process.env,
    GATEHOUSE_SITE: file,
    GATEHOUSE_STATE_DIR: folder,
    GATEHOUSE_RUN_DIR: join(folder, 'r'),
    GATEHOUSE_CONSOLE_PORT: '0',
  };
}
