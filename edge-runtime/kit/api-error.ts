import { errorOf, GatehouseError, statusOf } from './errors.ts';

/** The answer of a local API on failure: `{error: {code, message, remedy}}` with a 4xx or 5xx status. */
export interface ApiErrorBody {
  readonly error: { readonly code: string; readonly message: string; readonly remedy: string };
}

/**
 * HTTP status and body of a local API's answer to an error. A refusal by a body parser (http-errors, with a
 * 4xx `status`) is `BODY_INVALID`. Any other error that is not a `GatehouseError` is `INTERNAL` and says
 * nothing about itself to the outside; the caller of this function logs it.
 */
export function apiErrorAnswer(error: unknown): { readonly status: number; readonly body: ApiErrorBody } {
  if (error instanceof GatehouseError) return { status: statusOf(error), body: bodyOf(error) };
  const status = refusedBody(error);
  const said =
    status && error instanceof Error
      ? errorOf('BODY_INVALID', { problem: error.message })
      : errorOf('INTERNAL/service');
  return { status: status ?? 500, body: bodyOf(said) };
}

function bodyOf({ code, message, remedy }: GatehouseError): ApiErrorBody {
  return { error: { code, message, remedy } };
}

function refusedBody(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') return undefined;
  return error.status >= 400 && error.status < 500 ? error.status : undefined;
}

/** A request for something the API does not have; answered with 404. */
export function routeUnknown(method: string, path: string): GatehouseError {
  const route = `${method} ${path}`.slice(0, 120);
  return errorOf('ROUTE_UNKNOWN', { route });
}
