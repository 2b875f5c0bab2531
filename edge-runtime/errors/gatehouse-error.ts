/** Whose fault an error is; decides whether to retry, to tell a person, or to stop. */
export type Fault = 'input' | 'environment' | 'peer' | 'bug';

/**
 * An error that a person can act on: a stable code, the mistake with the thing that has it, and the remedy.
 * `errorOf` makes it from the table. Only errors from another process, and classes that add fields, are made
 * of their parts.
 */
export class GatehouseError extends Error {
  readonly code: string;
  readonly fault: Fault;
  readonly remedy: string;
  constructor(code: string, fault: Fault, message: string, remedy: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'GatehouseError';
    this.code = code;
    this.fault = fault;
    this.remedy = remedy;
  }
}

/** Another process's report of its error, as an error of this one. */
export function toldError(
  { code, message, remedy }: { readonly code: string; readonly message: string; readonly remedy: string },
  fault: Fault,
  options?: ErrorOptions,
): GatehouseError {
  return new GatehouseError(code, fault, message, remedy, options);
}

/** One line for people: `CODE: what is wrong. Remedy.` Unknown errors give their message. */
export function describeError(error: unknown): string {
  if (error instanceof GatehouseError) return `${error.code}: ${error.message} ${error.remedy}`.trim();
  if (error instanceof AggregateError && error.errors.length > 0) return describeError(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}

/** The `code` of a Node.js system error (`ENOSPC`, `EADDRINUSE`, ...), if it has one. */
export function systemCode(error: unknown): string | undefined {
  if (error instanceof AggregateError) return systemCode(error.errors[0]);
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
