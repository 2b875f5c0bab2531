import { type Fault, GatehouseError } from './errors.ts';

/** What a local API answers on failure: `{error: {code, message, remedy}}` with a 4xx or 5xx status. */
export interface ApiErrorBody {
  readonly error: { readonly code: string; readonly message: string; readonly remedy: string };
}

/** HTTP status of errors whose code has none of its own (RFC 9110, section 15). */
const statusByFault: Readonly<Record<Fault, number>> = { input: 400, environment: 503, peer: 502, bug: 500 };
const commonStatus: Readonly<Record<string, number>> = { ROUTE_UNKNOWN: 404, METHOD_REFUSED: 405 };

/**
 * HTTP status and body of a local API's answer to an error. `statusOf` lists the codes whose status does not follow from
 * whose fault they are. What a body parser refused (http-errors, with a 4xx `status`) is `BODY_INVALID`; what is neither says
 * nothing about itself to the outside: `INTERNAL`, and the caller of this function logs it.
 */
export function apiErrorAnswer(
  error: unknown,
  statusOf: Readonly<Record<string, number>> = {},
): { readonly status: number; readonly body: ApiErrorBody } {
  if (error instanceof GatehouseError) {
    const { code, message, remedy, fault } = error;
    return {
      status: statusOf[code] ?? commonStatus[code] ?? statusByFault[fault],
      body: { error: { code, message, remedy } },
    };
  }
  const status = refusedBody(error);
  const said =
    status && error instanceof Error
      ? { code: 'BODY_INVALID', message: `${error.message}.`, remedy: 'Send valid JSON, and less of it.' }
      : { code: 'INTERNAL', message: 'the service failed on this request.', remedy: 'See its log.' };
  return { status: status ?? 500, body: { error: said } };
}

function refusedBody(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') return undefined;
  return error.status >= 400 && error.status < 500 ? error.status : undefined;
}

/** A request for something the API does not have; answered with 404. */
export function routeUnknown(method: string, path: string): GatehouseError {
  const route = `${method} ${path}`.slice(0, 120);
  return new GatehouseError('ROUTE_UNKNOWN', 'input', `no route ${route}.`, 'See contracts/local/README.md.');
}
