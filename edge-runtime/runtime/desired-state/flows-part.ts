import { createHash } from 'node:crypto';
import { checked, type FlowsStanding, missingTypes } from '@gatehouse/contracts';
import { errorOf } from '@gatehouse/kit';
import type { FlowsClient } from '@gatehouse/local-api';
import { z } from 'zod';
import type { FlowsAudit } from '../site/flows-audit.ts';
import type { ConfigurablePart, Update } from './part.ts';
import type { Fault } from './rollback-watch.ts';

/** Node-RED stops every flow and starts the new ones; a node may take seconds to close. */
const deployMs = 60_000;

/**
 * Flows, by the flows service. It deploys them, and keeps the replaced ones with their credentials, which
 * never come here.
 */
export class FlowsPart implements ConfigurablePart {
  readonly #flows: Pick<FlowsClient, 'call'>;
  readonly #audit: Pick<FlowsAudit, 'changed'>;
  /** The process of Node-RED that the version under way came into force in. */
  #seen: { readonly version: number; readonly instance: string } | undefined;
  constructor(flows: Pick<FlowsClient, 'call'>, audit: Pick<FlowsAudit, 'changed'>) {
    this.#flows = flows;
    this.#audit = audit;
  }

  check(): void {
    // Only the flows service knows the nodes that the box offers: see `base`.
  }

  /** The digest of the flows. Throws `FLOW_TYPE_UNKNOWN`. */
  async base({ parts }: Update): Promise<string> {
    const { digest, types } = await this.#standing();
    const [missing] = missingTypes(parts.flows ?? [], types);
    if (missing === undefined) return digest;
    throw errorOf('FLOW_TYPE_UNKNOWN', { type: missing });
  }

  async standing(update: Update, base: unknown): Promise<'before' | 'target' | 'edited'> {
    const { digest } = await this.#standing();
    if (digest === targetOf(update)) return 'target';
    return digest === base ? 'before' : 'edited';
  }

  async apply({ version, by, parts }: Update, base: unknown): Promise<void> {
    const body = { version, before: checked(z.string(), base), flows: parts.flows ?? [] };
    const { instance } = await this.#flows.call('deploy', { body, timeoutMs: deployMs });
    this.#seen = { version, instance };
    await this.#audit.changed({ cause: 'platform', user: by });
  }

  async undo({ version, by }: Update): Promise<void> {
    await this.#flows.call('undo', { body: { version }, timeoutMs: deployMs });
    await this.#audit.changed({ cause: 'platform', user: by });
  }

  async release({ version }: Update): Promise<void> {
    await this.#flows.call('release', { body: { version } });
  }

  async faults({ version }: Update): Promise<Fault[]> {
    const standing = await this.#standing().catch(() => undefined);
    // ServiceHealths reports that it does not answer.
    if (!standing) return [];
    const { instance, problem, startErrors } = standing;
    if (this.#seen?.version !== version) this.#seen = { version, instance };
    const found: Fault[] = [
      ...(instance === this.#seen.instance ? [] : [{ reason: 'FLOWS_RESTARTED' }]),
      ...(problem === undefined ? [] : [{ reason: 'FLOWS_NOT_RUNNING' }]),
      ...(startErrors === 0 ? [] : [{ reason: 'FLOWS_DEPLOY_ERRORS' }]),
    ];
    return found.map((fault) => ({ ...fault, subject: 'flows', certain: true }));
  }

  #standing(): Promise<FlowsStanding> {
    return this.#flows.call('standing');
  }
}

/** The flows service makes it in the same way, of the deployed flows. */
function targetOf({ parts }: Update): string {
  return createHash('sha256').update(JSON.stringify(parts.flows)).digest('hex');
}
