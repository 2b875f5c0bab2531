import { randomUUID } from 'node:crypto';
import { type CommandOutcome, DeviceAction, Id, maxHoldSeconds } from '@gatehouse/contracts';
import { describeError, errorOf, GatehouseError } from '@gatehouse/kit';
import { z } from 'zod';
import type { DeviceRequester } from './device-requester.ts';
import type { Message, NodeRedNode, NodeStatus } from './node-red.ts';

const Config = z
  .object({
    name: z.string().default(''),
    device: Id,
    action: DeviceAction,
    /** Time to hold open, minutes; the editor stores numbers as text. */
    holdMinutes: z.coerce
      .number()
      .min(1)
      .max(Math.floor(maxHoldSeconds / 60))
      .default(5),
  })
  .transform(({ holdMinutes, ...rest }) => ({
    ...rest,
    ...(rest.action === 'hold-open' ? { holdS: Math.round(holdMinutes * 60) } : {}),
  }));

const fills: Readonly<Record<CommandOutcome['state'], NonNullable<NodeStatus['fill']>>> = {
  confirmed: 'green',
  accepted: 'blue',
  executing: 'blue',
  unconfirmed: 'yellow',
  unknown: 'yellow',
  superseded: 'grey',
  expired: 'red',
  rejected: 'red',
};

/**
 * Behaviour of `gatehouse-device-request`: asks once for each message. Output: `payload` the outcome, good or
 * bad. A request without an outcome goes to catch nodes as `GatehouseError` text, with `msg.request` naming
 * device, action and commandId. The same `msg.commandId` asked again is answered, not carried out twice.
 */
export function attachDeviceRequest(requester: DeviceRequester, node: NodeRedNode, config: unknown): void {
  const parsed = Config.safeParse(config);
  if (!parsed.success) {
    node.status({ fill: 'red', shape: 'ring', text: 'device-request.status.misconfigured' });
    throw errorOf('NODE_MISCONFIGURED/device-request', { field: parsed.error.issues[0]?.path.join('.') });
  }
  const { device, action, name, holdS } = parsed.data;
  node.status({ fill: 'grey', shape: 'ring', text: 'device-request.status.idle' });
  node.on('input', async (message, send, done) => {
    try {
      const commandId = commandIdOf(message);
      const hold = holdS === undefined ? {} : { holdS };
      message.request = { device, action, commandId, ...hold };
      const outcome = await requester.request({
        node: node.id,
        user: name || `flow ${node.id}`,
        device,
        action,
        commandId,
        ...hold,
        ...reasonOf(message),
      });
      node.status({
        fill: fills[outcome.state],
        shape: 'dot',
        text: `device-request.status.${outcome.state}`,
      });
      // Not passed on: a second door request further down would be taken for a repeat of this one.
      delete message.commandId;
      send({ ...message, payload: outcome, topic: device });
      done();
    } catch (error) {
      node.status({ fill: 'red', shape: 'ring', text: statusOfFailure(error) });
      done(new Error(describeError(error), { cause: error }));
    }
  });
}

function commandIdOf(message: Message): string {
  if (message.commandId === undefined) return randomUUID();
  const given = z.uuid().safeParse(message.commandId);
  if (given.success) return given.data;
  throw errorOf('NODE_INPUT');
}

function reasonOf(message: Message): { reason?: string } {
  return typeof message.reason === 'string' && message.reason ? { reason: message.reason } : {};
}

function statusOfFailure(error: unknown): string {
  const code = error instanceof GatehouseError ? error.code : '';
  if (code === 'PEER_DOWN') return 'device-request.status.unreachable';
  if (code === 'FLOW_RATE_LIMIT') return 'device-request.status.limited';
  return 'device-request.status.refused';
}
