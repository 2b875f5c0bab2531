import { Site } from '@gatehouse/contracts';
import type { Plant } from '../simulators/relay-bank.ts';
import { RelayBoard } from '../simulators/relay-board.ts';
import { TcpSlave } from '../simulators/tcp-slave.ts';
import { pulseProfile } from './rig.ts';

/** Contacts that a test opens and closes by hand. */
export class Switches implements Plant {
  readonly closed = new Set<number>();
  relay(): void {
    // Nothing hangs on the relays: the test looks at the board.
  }
  contacts(): Readonly<Record<number, boolean>> {
    return Object.fromEntries([...this.closed].map((channel) => [channel, true]));
  }
  set(channel: number, closed: boolean): void {
    if (closed) this.closed.add(channel);
    else this.closed.delete(channel);
  }
}

export async function switchboard() {
  const switches = new Switches();
  const board = new RelayBoard([switches]);
  const slave = new TcpSlave(board);
  await slave.listen(0);
  return {
    switches,
    board,
    slave,
    site: (more: Record<string, unknown> = {}) => siteOf(slave.port ?? 0, more),
  };
}

/** Channels of the board's inputs: what is wired where. */
export const wired = { outer: 0, inner: 1, exit: 2, up: 3, down: 4, loop: 5, help: 6, fire: 7 };

const name = { 'zh-CN': '物', en: 'Thing' };

function siteOf(port: number, more: Record<string, unknown>): Site {
  const board = { bus: 'bus', unit: 1, profile: pulseProfile };
  const device = { ...board, name, pulseMs: 300, moveWithinMs: 500, failMode: 'safe' };
  return Site.parse({
    version: 1,
    site: { id: 'test', name },
    box: { id: 'box-1' },
    buses: [{ id: 'bus', kind: 'modbus-tcp', host: '127.0.0.1', port, timeoutMs: 1000 }],
    devices: [
      {
        ...device,
        id: 'outer',
        kind: 'door',
        outputs: { open: 0 },
        hold: { maxS: 600 },
        inputs: { open: wired.outer, exit: wired.exit },
      },
      { ...device, id: 'inner', kind: 'door', outputs: { open: 1 }, inputs: { open: wired.inner } },
      {
        ...device,
        id: 'barrier',
        kind: 'barrier',
        outputs: { open: 2, close: 3, stop: 4 },
        inputs: { open: wired.up, closed: wired.down, loop: wired.loop },
      },
    ],
    inputs: [
      { ...board, id: 'help', kind: 'help', name, channel: wired.help, wiring: 'normally-closed' },
      { ...board, id: 'fire', kind: 'fire', name, channel: wired.fire },
    ],
    interlocks: [{ id: 'trap', name, doors: ['outer', 'inner'] }],
    ...more,
  });
}
