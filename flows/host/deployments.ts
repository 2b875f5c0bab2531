import { randomUUID } from 'node:crypto';
import {
  type FlowsDeployment,
  type FlowsStanding,
  type flowsForRuntime,
  missingTypes,
} from '@gatehouse/contracts';
import { errorOf, type GatehouseError, type Log } from '@gatehouse/kit';
import type { Handlers } from '@gatehouse/local-api';
import { digestOf, type KeptFlows } from './kept-flows.ts';
import type { NodeRed } from './node-red.ts';

export interface DeploymentOptions {
  readonly red: NodeRed;
  readonly kept: KeptFlows;
  readonly standing: () => { readonly startErrors: number; readonly problem: string | undefined };
  readonly log: Log;
}

const instance = randomUUID();

/**
 * Puts flows from the platform in place of others, and takes them back with the credentials that went with
 * them. The runtime asks for it: it has verified the flows, and it alone can reach this socket.
 */
export function deploymentHandlers(
  options: DeploymentOptions,
): Omit<Handlers<typeof flowsForRuntime.routes>, 'state'> {
  const deployments = new Deployments(options);
  return {
    standing: () => deployments.standing(),
    deploy: ({ body }) => deployments.deploy(body),
    undo: ({ body }) => deployments.undo(body.version),
    release: ({ body }) => deployments.release(body.version),
  };
}

class Deployments {
  readonly #options: DeploymentOptions;
  constructor(options: DeploymentOptions) {
    this.#options = options;
  }

  async standing(): Promise<FlowsStanding> {
    const { red, standing } = this.#options;
    const { startErrors, problem } = standing();
    const sets = await red.runtime.nodes.getNodeList({});
    return {
      digest: digestOf(await this.#flows()),
      instance,
      startErrors,
      types: sets.filter(({ enabled, err }) => enabled && !err).flatMap(({ types }) => types),
      ...(problem === undefined ? {} : { problem }),
    };
  }

  async deploy({ version, before, flows }: FlowsDeployment): Promise<FlowsStanding> {
    const { kept, log } = this.#options;
    const current = await this.#flows();
    const standing = await this.standing();
    const replacedBy = digestOf(flows);
    if (standing.digest === replacedBy) return standing;
    if (standing.digest !== before) throw edited();
    const [missing] = missingTypes(flows, standing.types);
    if (missing !== undefined) throw unknownType(missing);
    kept.keep(version, replacedBy, current);
    await this.#set({ flows });
    log.info('flows-deployed', { version, nodes: flows.length });
    return this.standing();
  }

  /** Flows that somebody has changed since are left alone. */
  async undo(version: number): Promise<void> {
    const { kept, log } = this.#options;
    const before = kept.read();
    if (before?.version !== version) return;
    if (digestOf(await this.#flows()) === before.replacedBy) {
      kept.putCredentialsBack(before);
      const { flows, credentials } = before;
      await this.#set({ flows, ...(credentials ? { credentials } : {}) });
      log.info('flows-taken-back', { version });
    }
    kept.forget();
  }

  release(version: number): void {
    const { kept } = this.#options;
    if (kept.read()?.version === version) kept.forget();
  }

  async #flows() {
    const found = await this.#options.red.runtime.flows.getFlows({});
    if (found) return found.flows;
    throw errorOf('FLOWS_NOT_READ');
  }

  async #set(flows: Parameters<NodeRed['runtime']['flows']['setFlows']>[0]['flows']): Promise<void> {
    try {
      await this.#options.red.runtime.flows.setFlows({ flows, deploymentType: 'full' });
    } catch (cause) {
      throw errorOf(
        'FLOWS_NOT_DEPLOYED',
        { reason: cause instanceof Error ? cause.message : 'unknown' },
        { cause },
      );
    }
  }
}

function edited(): GatehouseError {
  return errorOf('LOCALLY_EDITED/flows');
}

function unknownType(type: string): GatehouseError {
  return errorOf('FLOW_TYPE_UNKNOWN', { type });
}
