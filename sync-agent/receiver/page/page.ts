import { createHash, timingSafeEqual } from 'node:crypto';
import type { Server } from 'node:http';
import { languages } from '@gatehouse/contracts';
import {
  type Clock,
  closeGuarded,
  errorOf,
  GatehouseError,
  guardedServer,
  type Log,
  type Part,
  sendStream,
} from '@gatehouse/kit';
import express, { type RequestHandler } from 'express';
import type { PictureFolder } from '../media/picture-folder.ts';
import { arrivedLists } from '../queries.ts';
import type { ArrivedReader } from '../reader.ts';
import { chooseLanguage, Texts } from './locale.ts';
import { type PageLists, pageRows, renderPage } from './view.ts';

/** A token of this length cannot be guessed; shorter ones are refused. */
const leastTokenLength = 24;
const loopback = ['127.0.0.1', '::1', 'localhost'];
/** Rows that one JSON answer may have. */
const jsonRows = 10_000;
/** Enough for the people of the platform's operator who look at once; a page is one request. */
const limits = { connections: 256, streams: 0 };

export interface PageOptions {
  readonly host: string;
  readonly port: number;
  /** Password of the login (any user name); needed unless only this machine can reach the page. */
  readonly token: string | undefined;
  readonly reader: ArrivedReader;
  /** Pictures of boxes, where this receiver takes them. */
  readonly pictures?: Pick<PictureFolder, 'read'> | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/** The platform's page: server-rendered at `/`, each list as JSON at `/api/<list>?limit=N`. It only reads. */
export class ReceiverPage implements Part {
  readonly #options: PageOptions;
  readonly #server: Server;

  /** Throws `RECEIVER_SETTINGS` if it would be open to others without a login. */
  constructor(options: PageOptions) {
    const { host, token } = options;
    if (token === undefined ? !loopback.includes(host) : token.length < leastTokenLength)
      throw errorOf('RECEIVER_SETTINGS/page-token', { host, least: leastTokenLength });
    this.#options = options;
    this.#server = guardedServer({ name: 'page', log: options.log, limits, onRequest: build(options) });
  }

  /** The port it listens on. */
  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : this.#options.port;
  }

  async start(): Promise<void> {
    const { host, port, log } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.on('error', (cause: NodeJS.ErrnoException) =>
        reject(errorOf('RECEIVER_PAGE_PORT', { host, port, reason: cause.code }, { cause })),
      );
      this.#server.listen(port, host, resolve);
    });
    log.info('page-listening', { host, port: this.port });
  }

  async stop(): Promise<void> {
    if (this.#server.listening) await closeGuarded(this.#server);
    await this.#options.reader.close();
  }
}

function build({ token, reader, pictures, clock, log }: PageOptions): express.Express {
  const texts = Object.fromEntries(languages.map((language) => [language, new Texts(language)]));
  const app = express();
  app.disable('x-powered-by');
  app.use(headers, token === undefined ? onlyLocalNames : login(token));
  app.get('/', async (request, response) => {
    const language = chooseLanguage(request.query.lang, request.get('accept-language'));
    const names = Object.keys(pageRows) as (keyof PageLists)[];
    const lists = await Promise.all(
      names.map(async (name) => [name, await reader.list(name, pageRows[name])]),
    );
    const page = renderPage(texts[language] as Texts, Object.fromEntries(lists), clock.epochMs());
    response.type('html').send(page.text);
  });
  app.get('/api/:list', async (request, response) => {
    const list = arrivedLists.find((name) => name === request.params.list);
    const limit = Number(request.query.limit ?? 1000);
    const sound = list !== undefined && Number.isInteger(limit) && limit >= 1 && limit <= jsonRows;
    if (sound) response.json(await reader.list(list, limit));
    else
      fail(
        response,
        404,
        'LIST_UNKNOWN',
        `no list ${request.originalUrl.slice(0, 80)}`,
        `Ask for one of ${arrivedLists.join(', ')}, limit up to ${jsonRows}.`,
      );
  });
  if (pictures)
    app.get('/media/:box/:sha256', async (request, response, next) => {
      const { box, sha256 } = request.params;
      const picture = await pictures.read(box, sha256).catch((error: unknown) => {
        if (error instanceof GatehouseError) return undefined;
        throw error;
      });
      if (picture) await sendStream(picture, response.type('image/jpeg'));
      else next();
    });
  app.use((request, response) =>
    fail(response, 404, 'NOT_FOUND', `nothing at ${request.path.slice(0, 80)}`, 'See /.'),
  );
  const onError: express.ErrorRequestHandler = (error, _request, response, _next) => {
    // A reader that goes in the middle of a picture is no failure of the page.
    if (response.headersSent) return void response.destroy();
    log.error('page-failed', { error });
    fail(response, 503, 'RECEIVER_DATABASE', 'the database cannot be read now', "See the receiver's log.");
  };
  app.use(onError);
  return app;
}

function fail(
  response: express.Response,
  status: number,
  code: string,
  message: string,
  remedy: string,
): void {
  response.status(status).json({ error: { code, message, remedy } });
}

const headers: RequestHandler = (_request, response, next) => {
  response.set({
    'cache-control': 'no-store',
    'content-security-policy':
      "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  });
  next();
};

/** Without a login, a page of the internet must not reach this one by a name that points at 127.0.0.1. */
const onlyLocalNames: RequestHandler = (request, response, next) => {
  if (loopback.includes(request.hostname.replace(/^\[|\]$/g, ''))) next();
  else
    fail(
      response,
      403,
      'HOST_UNKNOWN',
      'this page answers to local names only',
      'Open it as http://127.0.0.1.',
    );
};

/**
 * HTTP Basic (RFC 7617) with the token as password; digests are compared, so that the time shows neither
 * length nor content.
 */
function login(token: string): RequestHandler {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const wanted = digest(token);
  return (request, response, next) => {
    const [scheme, value = ''] = (request.get('authorization') ?? '').split(' ');
    const [, given] = /^[^:]*:(.*)$/s.exec(Buffer.from(value, 'base64').toString('utf8')) ?? [];
    if (scheme?.toLowerCase() === 'basic' && given !== undefined && timingSafeEqual(digest(given), wanted))
      return next();
    response.set('www-authenticate', 'Basic realm="gatehouse receiver", charset="UTF-8"');
    fail(response, 401, 'LOGIN_NEEDED', 'login needed', 'The password is the token of the receiver.');
  };
}
