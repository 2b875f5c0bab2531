/**
 * What may not be read, or has gone meanwhile, is not known. For looks at a host that may or may not tell.
 */
export async function quietly<T>(work: Promise<T>): Promise<T | undefined> {
  return work.catch(() => undefined);
}
