import type { Role } from '../role.ts';
import type { ConsoleRoute, JsonOf, ParamsOf, RequestOf, Shape } from './route.ts';
import { boxEvents, consolePages, consoleRoutes, type PageName } from './table.ts';

type Routes = typeof consoleRoutes;
export type RouteName = keyof Routes;

type NamesWhere<Condition> = {
  [Name in RouteName]: Routes[Name] extends Condition ? Name : never;
}[RouteName];

/** Routes that the HTTP server answers; the others are upgrades. */
export type HttpRouteName = NamesWhere<{ readonly method: 'get' | 'post' }>;
export type JsonRouteName = NamesWhere<{ readonly answers: { readonly as: 'json' } }>;
/** Routes with a body or a query. */
export type TakingRouteName = NamesWhere<{ readonly takes: Shape<unknown> }>;

export type RouteParams<Name extends RouteName> = ParamsOf<Routes[Name]>;
export type RouteRequest<Name extends RouteName> = RequestOf<Routes[Name]>;
export type RouteAnswer<Name extends RouteName> = JsonOf<Routes[Name]>;

/** Data of the console's events by name. */
export type BoxEvents = {
  readonly [Name in keyof typeof boxEvents]: NonNullable<(typeof boxEvents)[Name]['shape']>;
};

export function isHttpRoute(name: RouteName): name is HttpRouteName {
  return consoleRoutes[name].method !== 'websocket';
}

export const routeNames = Object.keys(consoleRoutes) as readonly RouteName[];
export const boxEventNames = Object.keys(boxEvents) as readonly (keyof BoxEvents)[];
export const pageNames = Object.keys(consolePages) as readonly PageName[];

/** True if a login of this role may call it. The server checks again. */
export function mayCall(role: Role, name: RouteName): boolean {
  const { access }: ConsoleRoute = consoleRoutes[name];
  return access === 'public' || access.includes(role);
}

export function mayOpen(role: Role, name: PageName): boolean {
  const access: readonly Role[] = consolePages[name].access;
  return access.includes(role);
}
