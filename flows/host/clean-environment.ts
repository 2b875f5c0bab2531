/** Variables that Node-RED and the kit read; everything else may be another service's secret. */
const kept = /^(PATH|HOME|TMPDIR|TZ|LANG|LANGUAGE|LC_[A-Z]+|NODE_ENV|GATEHOUSE_(STATE|RUN)_DIR)$/;

/**
 * Flows can read the process environment (`env.get`, `${NAME}`). Only variables that are no secret stay in
 * it.
 */
export function cleanEnvironment(env: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(env)) if (!kept.test(name)) delete env[name];
}
