import type { ParamNames } from '../local/table.ts';
import type { Role } from '../role.ts';

/** The roles that may use it; `public` is everybody, also without a login. */
export type Access = 'public' | readonly Role[];

/** Carries a type through a table. Nothing of it exists at run time. */
export interface Shape<T> {
  readonly shape?: T;
}

interface Json<T> extends Shape<T> {
  readonly as: 'json';
}

/** A body, or the query of a GET. The schema that checks it is in `requests.ts`. */
export function takes<T>(): Shape<T> {
  return {};
}

export function json<T>(): Json<T> {
  return { as: 'json' };
}

export function bytes<Type extends 'image/jpeg' | 'video/mp4'>(type: Type) {
  return { as: 'bytes', type } as const;
}

/** `stream`: the handler writes the answer itself, for as long as the client listens. */
type AnswerKind = Json<unknown> | ReturnType<typeof bytes> | { readonly as: 'stream' };

export interface ConsoleRoute {
  /** `websocket`: an upgrade. */
  readonly method: 'get' | 'post' | 'websocket';
  /** `:name` stands for one segment. */
  readonly path: `/api/${string}`;
  readonly access: Access;
  readonly takes?: Shape<unknown>;
  readonly answers: AnswerKind;
}

export interface ConsolePage {
  readonly path: `/${string}`;
  /** Roles that see it in the menu and may open it. */
  readonly access: readonly Role[];
  /** Key of its name in the locale files. */
  readonly label: string;
  /** The menu opens it in a tab of its own. */
  readonly ownTab?: true;
}

/** Values of the `:name` segments. */
export type ParamsOf<Route extends ConsoleRoute> = { readonly [Name in ParamNames<Route['path']>]: string };

/** The request of a client; `undefined` where a route takes nothing. */
export type RequestOf<Route extends ConsoleRoute> = Route extends { readonly takes: Shape<infer T> }
  ? T
  : undefined;

/** The JSON that comes back. */
export type JsonOf<Route extends ConsoleRoute> = Route['answers'] extends Json<infer T> ? T : never;
