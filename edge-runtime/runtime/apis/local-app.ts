import { apiErrorAnswer, LocalServer, type Log, type Part, routeUnknown } from '@gatehouse/kit';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';

/** A local API: its routes on one Unix socket for one caller. */
export class LocalApi implements Part {
  readonly #server: LocalServer;
  /** @param bodyBytes routes that take more than the 64 KiB of all others, with their bound in bytes */
  constructor(
    socket: string,
    log: Log,
    routes: (app: Express) => void,
    bodyBytes: Readonly<Record<string, number>> = {},
  ) {
    const app = express();
    app.disable('x-powered-by');
    // A body that one parser has read is left alone by the next.
    for (const [route, limit] of Object.entries(bodyBytes)) app.use(route, express.json({ limit }));
    app.use(express.json({ limit: '64kb' }));
    routes(app);
    app.use((request) => {
      throw routeUnknown(request.method, request.path);
    });
    app.use((error: unknown, request: Request, response: Response, next: NextFunction) => {
      if (response.headersSent) return next(error);
      const { status, body } = apiErrorAnswer(error);
      if (status >= 500) log.error('request-failed', { route: request.path, error });
      response.status(status).json(body);
    });
    this.#server = new LocalServer({ socket, log, onRequest: app });
  }
  start(): Promise<void> {
    return this.#server.start();
  }
  stop(): Promise<void> {
    return this.#server.stop();
  }
}
