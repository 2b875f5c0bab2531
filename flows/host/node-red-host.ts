import { createServer, type IncomingMessage, type Server } from 'node:http';
import { healthFault, type ServiceHealth, serviceHealth } from '@gatehouse/contracts';
import {
  type Clock,
  closeServer,
  type LocalClient,
  type Log,
  listenOnSocket,
  type Part,
  sleep,
} from '@gatehouse/kit';
import express, { type Express } from 'express';
import { deploymentRoutes } from './deployments.ts';
import { type EditorSessions, editorHeader } from './editor-sessions.ts';
import type { IncidentFeed } from './incident-feed.ts';
import { KeptFlows } from './kept-flows.ts';
import type { NodeRed } from './node-red.ts';
import type { NodeServices } from './node-services.ts';
import { editorRoot, nodeRedSettings } from './settings.ts';
import { StartErrors } from './start-errors.ts';
import { prepareUserDir } from './user-dir.ts';

/** Node-RED may wait 15 s for a node that does not close; a box that shuts down does not. */
const stopWithinMs = 5_000;
/** Flows that cannot be read at all must not keep the editor closed, in which somebody can see why. */
const readWithinMs = 5_000;

/** A runtime that starts again takes less. */
const feedDownAfterMs = 30_000;
const feedDown =
  'INCIDENT_FEED_DOWN: flows hear of no incident, and react to none. Check that the runtime service runs.';

export interface NodeRedHostOptions {
  readonly load: () => NodeRed;
  readonly userDir: string;
  readonly socket: string;
  readonly sessions: EditorSessions;
  readonly services: NodeServices;
  readonly feed: IncidentFeed;
  readonly runtime: LocalClient;
  readonly clock: Clock;
  readonly log: Log;
}

/** Runs Node-RED in this process behind one Unix socket: the editor below `/flows`, the host's state beside it. */
export class NodeRedHost implements Part {
  readonly #options: NodeRedHostOptions;
  readonly #server: Server;
  readonly #app: Express;
  #red: NodeRed | undefined;
  #problem: string | undefined;
  readonly #startErrors = new StartErrors();

  constructor(options: NodeRedHostOptions) {
    this.#options = options;
    this.#app = express().disable('x-powered-by');
    this.#server = createServer(this.#app);
  }

  async start(): Promise<void> {
    const { load, userDir, socket, sessions, services, feed, log } = this.#options;
    const { credentialSecret } = prepareUserDir(userDir);
    const kept = new KeptFlows(userDir, log);
    kept.guardStart();
    this.#app.get('/gatehouse/state', (_request, response) => void response.json(feed.state));
    this.#server.on('upgrade', requireHeader);
    const red = load();
    const onError = () => this.#startErrors.add();
    red.init(this.#server, nodeRedSettings({ userDir, credentialSecret, sessions, services, log, onError }));
    this.#red = red;
    this.#followDeploys(red);
    this.#offerPickers(red);
    const standing = () => ({ startErrors: this.#startErrors.count, problem: this.#problem });
    deploymentRoutes(this.#app, { red, kept, standing, log });
    this.#app.use(editorRoot, red.httpAdmin);
    await red.start();
    await this.#flowsRead(red);
    await listenOnSocket(this.#server, socket);
  }

  async stop(): Promise<void> {
    await closeServer(this.#server);
    const red = this.#red;
    if (!red) return;
    let cancel: (() => void) | undefined;
    const bound = new Promise<void>((resolve) => {
      cancel = this.#options.clock.after(stopWithinMs, resolve);
    });
    await Promise.race([red.stop(), bound]);
    cancel?.();
  }

  get health(): ServiceHealth {
    const { feed } = this.#options;
    const { delivered, lastIncident } = feed.state;
    const last = lastIncident ? `, last: ${lastIncident.id} ${lastIncident.phase}` : '';
    const faults = [
      ...(this.#problem ? [healthFault('comfort', 'FLOWS_NOT_RUNNING', this.#problem)] : []),
      ...(feed.downMs > feedDownAfterMs ? [healthFault('comfort', 'INCIDENT_FEED_DOWN', feedDown)] : []),
    ];
    return serviceHealth(faults, [`incidents delivered: ${delivered}${last}`]);
  }

  /** Node-RED is started before it has read its flows, and whoever asked for them then would be told that there are none. */
  async #flowsRead(red: NodeRed): Promise<void> {
    const { clock, log } = this.#options;
    const endMs = clock.monotonicMs() + readWithinMs;
    while (!(await red.runtime.flows.getFlows({}))) {
      if (clock.monotonicMs() > endMs) return log.error('flows-not-read', { afterMs: readWithinMs });
      await sleep(clock, 10);
    }
  }

  /** Node-RED drops what arrives while it swaps flows, and does not start flows with a type it does not know. */
  #followDeploys(red: NodeRed): void {
    const { feed, log } = this.#options;
    feed.hold();
    red.events.on('flows:stopping', () => feed.hold());
    red.events.on('flows:started', () => feed.release());
    this.#startErrors.follow(red);
    red.events.on(
      'runtime-event',
      (event: { id: string; payload?: { error?: string; types?: string[] } }) => {
        if (event.id !== 'runtime-state') return;
        const { error, types } = event.payload ?? {};
        this.#problem = error
          ? `flows do not run (${[error, ...(types ?? [])].join(' ').slice(0, 150)}). Remove these nodes in the editor.`
          : undefined;
        if (this.#problem) log.error('flows-not-running', { problem: this.#problem });
      },
    );
  }

  /** The editor's pickers list the site's own cameras, zones and devices. */
  #offerPickers(red: NodeRed): void {
    const { runtime, log } = this.#options;
    red.httpAdmin.get(
      '/gatehouse/site',
      red.auth.needsPermission('flows.read'),
      async (_request, response) => {
        try {
          response.json(await runtime.call('GET', '/site'));
        } catch (error) {
          log.warn('site-not-read', { error });
          response.status(503).json({ error: { code: 'PEER_DOWN' } });
        }
      },
    );
  }
}

/**
 * Node-RED lets a WebSocket without the header connect and wait for a token in its first message. Here the header is
 * the only way: an absent one is made a wrong one, which Node-RED refuses at the handshake.
 */
function requireHeader(request: IncomingMessage, socket: { destroy(): void }): void {
  request.headers[editorHeader] ??= 'absent';
  if (request.url?.split('?', 1)[0] !== `${editorRoot}/comms`) socket.destroy();
}
