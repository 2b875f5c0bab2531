import type { EventEmitter } from 'node:events';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { Express, RequestHandler } from 'express';

/** A node's status line below it; `text` may be a key of its own message catalogue. */
export interface NodeStatus {
  readonly fill?: 'red' | 'green' | 'yellow' | 'blue' | 'grey';
  readonly shape?: 'ring' | 'dot';
  readonly text?: string;
}

export type Message = Record<string, unknown>;

/** The part of Node-RED's node API that the palette uses (nodered.org/docs/creating-nodes/node-js). */
export interface NodeRedNode {
  readonly id: string;
  readonly type: string;
  readonly name?: string;
  send(message: Message): void;
  error(error: Error, message?: Message): void;
  status(status: NodeStatus): void;
  on(
    event: 'input',
    handler: (message: Message, send: (message: Message) => void, done: (error?: Error) => void) => void,
  ): void;
  on(event: 'close', handler: () => void): void;
}

/** Node types that come together. */
export interface NodeSet {
  readonly types: readonly string[];
  readonly enabled: boolean;
  readonly err?: unknown;
}

/** The part of Node-RED's embedding API that the host uses (nodered.org/docs/api/modules). */
export interface NodeRed {
  init(server: Server, settings: object): void;
  start(): Promise<void>;
  stop(): Promise<void>;
  readonly httpAdmin: Express;
  /** The functions under the editor's own API (nodered.org/docs/api/modules/v/1.0/@node-red_runtime.html). */
  readonly runtime: {
    readonly flows: {
      /** `null` until they have been read, which goes on after `start`. */
      getFlows(options: object): Promise<{ readonly flows: readonly object[] } | null>;
      setFlows(options: {
        readonly flows: { readonly flows: readonly object[]; readonly credentials?: object };
        readonly deploymentType: 'full';
      }): Promise<unknown>;
    };
    readonly nodes: {
      getNodeList(options: object): Promise<readonly NodeSet[]>;
    };
  };
  readonly auth: { needsPermission(permission: string): RequestHandler };
  readonly events: EventEmitter;
}

/**
 * Node-RED is one instance a process (module state), CommonJS and untyped; loading it takes about a second.
 */
export function loadNodeRed(): NodeRed {
  return createRequire(import.meta.url)('node-red');
}
