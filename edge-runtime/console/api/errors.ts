import { type ApiErrorBody, apiErrorAnswer, errorOf, GatehouseError } from '@gatehouse/kit';

/** An error that goes away by itself; the answer says when to try again (RFC 9110, 10.2.3). */
export class RetryLater extends GatehouseError {
  readonly retryAfterS: number;
  constructor(error: GatehouseError, retryAfterS: number) {
    super(error.code, error.fault, error.message, error.remedy);
    this.retryAfterS = retryAfterS;
  }
}

/** HTTP status and body of an error. An error that is no `GatehouseError` shows no detail to the outside. */
export function errorAnswer(error: unknown): { readonly status: number; readonly body: ApiErrorBody } {
  return apiErrorAnswer(error instanceof GatehouseError ? error : errorOf('INTERNAL', {}, { cause: error }));
}
