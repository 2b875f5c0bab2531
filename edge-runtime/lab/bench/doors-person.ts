/**
 * Another person at another program. Forked, it sends `{send: {socket, devices, count}}` as so many commands
 * at once. It answers with `{tally}`, the number of commands for each outcome, when all of them have ended.
 */
import { randomUUID } from 'node:crypto';
import { CommandOutcome } from '@gatehouse/contracts';
import { GatehouseError, isoWithOffset, LocalClient } from '@gatehouse/kit';

interface Order {
  readonly send: { readonly socket: string; readonly devices: readonly string[]; readonly count: number };
}

/** Longer than any command lives. */
const answerWithinMs = 40_000;

process.on('message', ({ send }: Order) => void sendAll(send));
process.once('disconnect', () => process.exit(0));
process.send?.({ ready: true });

async function sendAll({ socket, devices, count }: Order['send']): Promise<void> {
  const client = new LocalClient('drivers', socket);
  const tally: Record<string, number> = {};
  const one = async (device: string) => {
    const body = {
      commandId: randomUUID(),
      device,
      action: 'open',
      expiresAt: isoWithOffset(Date.now() + 10_000),
      origin: { channel: 'console', user: 'another' },
    };
    const ended = await client
      .call('POST', '/commands', { body, timeoutMs: answerWithinMs })
      .then((answer) => {
        const { state, reason } = CommandOutcome.parse(answer);
        return reason ? `${state} ${reason}` : state;
      })
      .catch((error) => (error instanceof GatehouseError ? error.code : String(error)));
    tally[ended] = (tally[ended] ?? 0) + 1;
  };
  await Promise.all(Array.from({ length: count }, (_, i) => one(devices[i % devices.length] ?? '')));
  process.send?.({ tally });
}
