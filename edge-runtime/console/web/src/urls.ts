import {
  consolePages,
  consoleRoutes,
  type PageName,
  type RouteName,
  type RouteParams,
  type RouteRequest,
} from '@gatehouse/contracts/console';

/** The content of a call beside its name: a value for each `:name` of the path, and the body or the query. */
type Carried<Name extends RouteName> = RouteParams<Name> &
  ([RouteRequest<Name>] extends [undefined]
    ? unknown
    : (typeof consoleRoutes)[Name]['method'] extends 'post'
      ? { readonly body: RouteRequest<Name> }
      : { readonly query?: RouteRequest<Name> });
export type Carry<Name extends RouteName> =
  Record<never, never> extends Carried<Name> ? [carried?: Carried<Name>] : [carried: Carried<Name>];

export interface Sent {
  readonly [param: string]: unknown;
  readonly body?: unknown;
  readonly query?: object;
}

/** Path and query of a route. */
export function urlOf<Name extends RouteName>(name: Name, ...[carried]: Carry<Name>): string {
  return addressOf(name, carried ?? {});
}

/** The same for callers that have checked the content. */
export function addressOf(name: RouteName, { query = {}, ...values }: Sent): string {
  const path = consoleRoutes[name].path.replaceAll(/:(\w+)/g, (_, key) =>
    encodeURIComponent(String(values[key])),
  );
  return withQuery(path, query);
}

/** Address of a page, as `go` takes it. */
export function pageUrl(name: PageName, query: object = {}): string {
  return withQuery(consolePages[name].path, query);
}

function withQuery(path: string, query: object): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  if (given.length === 0) return path;
  return `${path}?${new URLSearchParams(given.map(([key, value]) => [key, String(value)]))}`;
}
