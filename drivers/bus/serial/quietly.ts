/**
 * Gives `undefined` for something that may not be read or has gone meanwhile. For looks at a host that may
 * not tell.
 */
export async function quietly<T>(work: Promise<T>): Promise<T | undefined> {
  return work.catch(() => undefined);
}
