import { randomUUID } from 'node:crypto';
import type { CommandOutcome, DeviceAction } from '@gatehouse/contracts';
import { type Clock, errorOf, GatehouseError, WindowLimit } from '@gatehouse/kit';
import type { RuntimeFlowsClient } from '@gatehouse/local-api';

/** Drivers answer within 5 s, still executing or ended; a second more for the way. */
const answerTimeoutMs = 6_000;
export const requestsPerMinute = 10;

export interface DeviceWish {
  /** Node that asks; the rate limit is counted for each. */
  readonly node: string;
  /** Name of the flow node, as the command journal shows it. */
  readonly user: string;
  readonly device: string;
  readonly action: DeviceAction;
  /** Seconds of a `hold-open`. */
  readonly holdS?: number;
  /** Given again, the same request is not carried out twice. */
  readonly commandId?: string;
  readonly reason?: string;
}

/**
 * Sends door requests to the runtime, which checks and journals them. One try, at once: when the runtime is
 * down or the limit is reached the request fails. A door that opens minutes after somebody asked for it is a
 * danger.
 */
export class DeviceRequester {
  readonly #runtime: RuntimeFlowsClient;
  readonly #limit: WindowLimit;
  constructor(runtime: RuntimeFlowsClient, clock: Clock) {
    this.#runtime = runtime;
    this.#limit = new WindowLimit(requestsPerMinute, 60_000, clock);
  }

  /** Throws `FLOW_RATE_LIMIT`, `PEER_DOWN` or the runtime's own refusal. */
  async request(wish: DeviceWish): Promise<CommandOutcome> {
    const { node, user, device, action, holdS, reason } = wish;
    if (!this.#limit.take(node))
      throw errorOf('FLOW_RATE_LIMIT', { user, most: requestsPerMinute, action, device });
    const body = {
      action,
      commandId: wish.commandId ?? randomUUID(),
      user: user.slice(0, 60),
      ...(holdS === undefined ? {} : { holdS }),
      ...(reason ? { reason: reason.slice(0, 200) } : {}),
    };
    try {
      return await this.#runtime.call('requestDevice', {
        params: { id: device },
        body,
        timeoutMs: answerTimeoutMs,
      });
    } catch (error) {
      // The command may have been carried out all the same.
      if (error instanceof GatehouseError && error.code === 'PEER_REFUSED')
        throw errorOf('PEER_REFUSED/outcome', { device }, { cause: error });
      throw error;
    }
  }
}
