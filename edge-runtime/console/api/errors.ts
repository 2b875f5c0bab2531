import { GatehouseError } from '@gatehouse/kit';

/**
 * Every error the console's API can answer by itself: code -> HTTP status, message, remedy. Errors of ports keep
 * their own code and text; pages translate by code and fall back to the text.
 */
const table = {
  SESSION_REQUIRED: [401, 'there is no valid login.', 'Log in.'],
  ROLE_FORBIDDEN: [403, 'your role may not do this.', 'Ask an administrator.'],
  CROSS_SITE_REFUSED: [403, 'the request came from another site.', 'Use the console itself.'],
  COOKIES_MIXED: [
    400,
    "something else on this host has set a cookie of the console's name.",
    'It has been removed. Try again.',
  ],
  PAGE_KEY_WRONG: [403, 'the cookie is not of the login of this page.', 'Log in again.'],
  SERVICE_WORKER_REFUSED: [403, 'the box has no service worker.', 'Use the console itself.'],
  METHOD_REFUSED: [405, 'this method is not served here.', 'Use GET.'],
  TICKET_WRONG: [
    403,
    'the ticket for the flow editor has been used or is too old.',
    "Open the editor from the console's menu.",
  ],
  PASSWORD_WRONG: [403, 'your own password is wrong.', 'Type the password that you log in with.'],
  USER_UNKNOWN: [404, 'there is no such user.', 'Load the list again.'],
  LAST_ADMINISTRATOR: [409, 'this is the only administrator.', 'Make another one first.'],
  HOST_REFUSED: [
    421,
    'the box is not known by this host name.',
    'Use its IP address or its configured name.',
  ],
  NOT_FOUND: [404, 'there is no such thing.', 'Check the address.'],
  BODY_INVALID: [400, 'the request is not valid.', 'Correct the named field.'],
  BODY_TOO_LARGE: [413, 'the request body is over 64 KiB.', 'Send less.'],
  SETUP_DONE: [409, 'the box is already set up.', 'Log in.'],
  SETUP_CODE_WRONG: [403, 'the one-time code is wrong.', 'Read it from the log or screen of the box.'],
  LOGIN_FAILED: [401, 'user or password is wrong.', 'Try again.'],
  LOGIN_LOCKED: [429, 'too many failed attempts.', 'Wait and try again.'],
  LOGIN_BUSY: [429, 'too many logins at once.', 'Try again in some seconds.'],
  USER_EXISTS: [409, 'a user of this name exists.', 'Take another name.'],
  STREAM_UNAVAILABLE: [503, 'the camera has no live picture.', 'Check the camera.'],
  TOO_MANY_VIEWERS: [503, 'too many live views are open.', 'Close one.'],
  TOO_MANY_CONNECTIONS: [503, 'this user has too many connections open.', 'Close some pages.'],
  DEPLOY_BUSY: [503, 'other deploys wait for the one under way.', 'Deploy again in some seconds.'],
  EDITOR_DOWN: [502, 'the flow editor does not answer.', 'Check that the flows service runs.'],
  INTERNAL: [500, 'something went wrong inside the box.', 'See the log of the runtime service.'],
} as const satisfies Record<string, readonly [status: number, message: string, remedy: string]>;

export type ConsoleErrorCode = keyof typeof table;

/** Builds one of the console's own errors; `message` may name the thing. */
export function consoleError(
  code: ConsoleErrorCode,
  message?: string,
  options?: ErrorOptions,
): GatehouseError {
  const [status, text, remedy] = table[code];
  return new GatehouseError(code, status >= 500 ? 'environment' : 'input', message ?? text, remedy, options);
}

/** An error that goes away by itself; the answer says when to try again (RFC 9110, 10.2.3). */
export class RetryLater extends GatehouseError {
  readonly retryAfterS: number;
  constructor(error: GatehouseError, retryAfterS: number) {
    super(error.code, error.fault, error.message, error.remedy);
    this.retryAfterS = retryAfterS;
  }
}

export function retryLater(code: ConsoleErrorCode, retryAfterS: number, message?: string): RetryLater {
  return new RetryLater(consoleError(code, message), retryAfterS);
}

const foreignStatus: Readonly<Record<string, number>> = {
  DEVICE_UNKNOWN: 404,
  CAMERA_UNKNOWN: 404,
  COMMAND_ID_REUSED: 409,
  FIRE_STILL_ACTIVE: 409,
  FIRE_INPUT_UNKNOWN: 409,
  NOT_PERMITTED: 403,
  PEER_DOWN: 503,
  SITE_FILE_CHANGED: 409,
  SITE_FILE_SHARED: 409,
  DRY_RUN_BUSY: 409,
};

const statusByFault = { input: 400, environment: 503, peer: 502, bug: 500 } as const;

/** HTTP status and body of an error. What is not a `GatehouseError` says nothing about itself to the outside. */
export function errorAnswer(error: unknown): {
  status: number;
  body: { error: { code: string; message: string; remedy: string } };
} {
  const known =
    error instanceof GatehouseError ? error : consoleError('INTERNAL', undefined, { cause: error });
  const { code, message, remedy } = known;
  const status =
    (Object.hasOwn(table, code) && table[code as ConsoleErrorCode][0]) ||
    foreignStatus[code] ||
    statusByFault[known.fault];
  return { status, body: { error: { code, message, remedy } } };
}
