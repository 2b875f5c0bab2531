import { createServer } from 'node:http';
import type { ApiErrorBody } from '@gatehouse/kit';
import {
  closeServer,
  describeError,
  GatehouseError,
  type Log,
  listenOnSocket,
  type Part,
} from '@gatehouse/kit';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { z } from 'zod';

/** Streams and calls of one caller at once; an agent or Node-RED needs a handful. Past it new ones are closed (drop-newest). */
const maxConnections = 64;

/** A local API: its routes on one Unix socket for one caller. */
export class LocalApi implements Part {
  readonly #server: ReturnType<typeof createServer>;
  readonly #path: string;
  constructor(path: string, log: Log, routes: (app: Express) => void) {
    const app = express();
    app.disable('x-powered-by');
    app.use(express.json({ limit: '64kb' }));
    routes(app);
    app.use((request, _response, next) =>
      next(
        new GatehouseError(
          'NOT_FOUND',
          'input',
          `no route ${request.method} ${request.path}.`,
          'See contracts/api.ts.',
        ),
      ),
    );
    app.use((error: unknown, request: Request, response: Response, next: NextFunction) => {
      if (response.headersSent) return next(error);
      const { status, body } = answerOf(error);
      if (status >= 500) log.error('local-api-failed', { route: request.path, error });
      response.status(status).json(body);
    });
    this.#server = createServer(app);
    this.#server.maxConnections = maxConnections;
    this.#path = path;
  }
  start(): Promise<void> {
    return listenOnSocket(this.#server, this.#path);
  }
  stop(): Promise<void> {
    return closeServer(this.#server);
  }
}

function answerOf(error: unknown): { status: number; body: ApiErrorBody } {
  if (error instanceof z.ZodError) {
    const issue = error.issues[0];
    const message = `${issue?.path.join('.') || 'body'}: ${issue?.message ?? 'not valid'}.`;
    return {
      status: 400,
      body: { error: { code: 'BAD_REQUEST', message, remedy: 'See contracts/api.ts.' } },
    };
  }
  if (error instanceof GatehouseError) {
    const { code, message, remedy, fault } = error;
    const status = code === 'NOT_FOUND' ? 404 : fault === 'input' ? 400 : 503;
    return { status, body: { error: { code, message, remedy } } };
  }
  const status =
    typeof error === 'object' && error !== null && 'status' in error && typeof error.status === 'number'
      ? error.status
      : 500;
  return {
    status,
    body: {
      error: {
        code: status < 500 ? 'BAD_REQUEST' : 'INTERNAL',
        message: describeError(error),
        remedy: 'See the log.',
      },
    },
  };
}
