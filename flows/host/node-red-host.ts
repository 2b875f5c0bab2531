import type { IncomingMessage } from 'node:http';
import { flowsForRuntime, healthFault, type ServiceHealth, serviceHealth } from '@gatehouse/contracts';
import { type Clock, healthLine, LocalServer, type Log, type Part, sleep } from '@gatehouse/kit';
import { LocalApi, type RuntimeFlowsClient } from '@gatehouse/local-api';
import express, { type Express } from 'express';
import { deploymentHandlers } from './deployments.ts';
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

export interface NodeRedHostOptions {
  readonly load: () => NodeRed;
  readonly userDir: string;
  /** Routes for the runtime itself: state and deployments. */
  readonly apiSocket: string;
  /** The editor and nothing else; its requests come from browsers. */
  readonly editorSocket: string;
  readonly sessions: EditorSessions;
  readonly services: NodeServices;
  readonly feed: IncidentFeed;
  readonly runtime: RuntimeFlowsClient;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Runs Node-RED in this process, with its editor on one Unix socket and the routes for the runtime on
 * another.
 */
export class NodeRedHost implements Part {
  readonly #options: NodeRedHostOptions;
  readonly #editor: LocalServer;
  readonly #editorApp: Express;
  #api: LocalApi<typeof flowsForRuntime.routes> | undefined;
  #red: NodeRed | undefined;
  #problem: string | undefined;
  readonly #startErrors = new StartErrors();

  constructor(options: NodeRedHostOptions) {
    this.#options = options;
    const { editorSocket, log } = options;
    this.#editorApp = express().disable('x-powered-by');
    this.#editor = new LocalServer({ socket: editorSocket, log, onRequest: this.#editorApp });
  }

  async start(): Promise<void> {
    const { load, userDir, apiSocket, sessions, services, feed, log } = this.#options;
    const { credentialSecret } = prepareUserDir(userDir);
    const kept = new KeptFlows(userDir, log);
    kept.guardStart();
    const { server } = this.#editor;
    server.on('upgrade', requireHeader);
    const red = load();
    const onError = () => this.#startErrors.add();
    red.init(server, nodeRedSettings({ userDir, credentialSecret, sessions, services, log, onError }));
    this.#red = red;
    this.#followDeploys(red);
    this.#offerPickers(red);
    const standing = () => ({ startErrors: this.#startErrors.count, problem: this.#problem });
    this.#api = new LocalApi({
      table: flowsForRuntime,
      handlers: { state: () => feed.state, ...deploymentHandlers({ red, kept, standing, log }) },
      socket: apiSocket,
      log,
    });
    this.#editorApp.use(editorRoot, red.httpAdmin);
    await red.start();
    await this.#flowsRead(red);
    await this.#api.start();
    await this.#editor.start();
  }

  async stop(): Promise<void> {
    await this.#editor.stop();
    await this.#api?.stop();
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
    const reason = this.#problem;
    const faults = [
      ...(reason === undefined ? [] : [healthFault('comfort', 'FLOWS_NOT_RUNNING', { reason })]),
      ...(feed.downMs > feedDownAfterMs ? [healthFault('comfort', 'INCIDENT_FEED_DOWN')] : []),
    ];
    const note = lastIncident
      ? healthLine('INCIDENTS_DELIVERED/last', { ...lastIncident, count: delivered })
      : healthLine('INCIDENTS_DELIVERED', { count: delivered });
    return serviceHealth(faults, [note]);
  }

  /**
   * Node-RED starts before it has read its flows. A request for them at that time would get an empty list.
   */
  async #flowsRead(red: NodeRed): Promise<void> {
    const { clock, log } = this.#options;
    const endMs = clock.monotonicMs() + readWithinMs;
    while (!(await red.runtime.flows.getFlows({}))) {
      if (clock.monotonicMs() > endMs) return log.error('flows-not-read', { afterMs: readWithinMs });
      await sleep(clock, 10);
    }
  }

  /**
   * Node-RED drops messages that arrive while it swaps flows, and does not start flows with a type it does
   * not know.
   */
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
        this.#problem = error ? [error, ...(types ?? [])].join(' ').slice(0, 150) : undefined;
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
          response.json(await runtime.call('site'));
        } catch (error) {
          log.warn('site-not-read', { error });
          response.status(503).json({ error: { code: 'PEER_DOWN' } });
        }
      },
    );
  }
}

/**
 * Node-RED lets a WebSocket without the header connect and wait for a token in its first message. Here the
 * header is the only way. A request without it gets a wrong one, which Node-RED refuses at the handshake.
 */
function requireHeader(request: IncomingMessage, socket: { destroy(): void }): void {
  request.headers[editorHeader] ??= 'absent';
  if (request.url?.split('?', 1)[0] !== `${editorRoot}/comms`) socket.destroy();
}
