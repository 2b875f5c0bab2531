import { errorOf } from '@gatehouse/kit';

/**
 * The site file that GATEHOUSE_SITE names: there is no default, so that no service runs on another file.
 * Throws `SITE_NOT_SET`.
 */
export function siteFileSet(env: NodeJS.ProcessEnv = process.env): string {
  if (env.GATEHOUSE_SITE) return env.GATEHOUSE_SITE;
  throw errorOf('SITE_NOT_SET');
}
