import {
  type ConsoleRoute,
  consoleRoutes,
  type HttpRouteName,
  type RouteParams,
  type TakingRouteName,
} from '@gatehouse/contracts/console';
import { consoleRequests } from '@gatehouse/contracts/console/requests';
import { errorOf } from '@gatehouse/kit';
import type { Express, NextFunction, Request, Response } from 'express';
import express from 'express';
import type { z } from 'zod';
import { type Call, type Handlers, httpRouteNames, type JsonAnswer, parsed } from './call.ts';
import { addressOf } from './connections/address.ts';
import type { RequestChecks } from './request-checks.ts';
import { checkCsrfHeader } from './same-origin.ts';

const maxJsonBytes = 64 * 1024;
const parseJson = express.json({ limit: maxJsonBytes, strict: true, type: 'application/json' });

/**
 * Serves the table of the console's API: each row with its role check, its checked request and its kind of
 * answer.
 */
export function serveRoutes(app: Express, handlers: Handlers, checks: RequestChecks): void {
  for (const name of httpRouteNames) serveRoute(app, name, handlers, checks);
  app.use('/api', (_request, _response, next) => next(errorOf('NOT_FOUND')));
}

function serveRoute<Name extends HttpRouteName>(
  app: Express,
  name: Name,
  handlers: Handlers,
  checks: RequestChecks,
): void {
  const route: ConsoleRoute = consoleRoutes[name];
  const serve = async (request: Request, response: Response) => {
    send(response, route, await handlers[name](callOf(name, request, response)));
  };
  // Admission comes before the body is read: without a login the box parses nothing except a log-in.
  const admit = async (request: Request, response: Response, next: NextFunction) => {
    if (route.method === 'post') checkCsrfHeader(request);
    response.locals.session = await checks.admit(request, route.access);
    next();
  };
  if (route.method === 'post') return void app.post(route.path, admit, parseJson, serve);
  // Express would run the GET handler, with all its work, and throw its answer away.
  app.head(route.path, admit, (_request, response) => {
    response.set('allow', 'GET');
    throw errorOf('METHOD_REFUSED');
  });
  app.get(route.path, admit, serve);
}

/**
 * Gives a request the types of its row. The path names the parameters, the schema of the same name checks the
 * rest.
 */
function callOf<Name extends HttpRouteName>(name: Name, request: Request, response: Response): Call<Name> {
  const params: unknown = request.params;
  const sent: unknown = request.method === 'POST' ? (request.body ?? {}) : { ...request.query };
  const asked: unknown = name in consoleRequests ? parsed(schemaOf(name), sent) : undefined;
  return {
    request,
    response,
    address: addressOf(request.socket),
    session: response.locals.session,
    params: params as RouteParams<Name>,
    asked: asked as Call<Name>['asked'],
  };
}

function schemaOf(name: HttpRouteName): z.ZodType {
  return consoleRequests[name as TakingRouteName];
}

function send(response: Response, { answers }: ConsoleRoute, answer: unknown): void {
  if (answers.as === 'stream') return;
  response.set('cache-control', 'no-store');
  if (answers.as === 'bytes') {
    const { bytes } = answer as { readonly bytes: Uint8Array };
    response.type(answers.type).send(Buffer.from(bytes));
    return;
  }
  const { status = 200, json, cookies = [] } = answer as JsonAnswer<unknown>;
  for (const cookie of cookies) response.append('set-cookie', cookie);
  response.status(status).json(json);
}
