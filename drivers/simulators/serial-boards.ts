/**
 * Many relay boards on one serial line behind a pty, for measurements: each has a door on relay 0 and input 0.
 *
 * `node serial-boards.ts --pty-link PATH [--units N] [--baud N] [--turnaround MS]`, forked: says
 * `{ready: true}` when it serves, then takes `{contact: {unit, closed}}` (answered `{contactAtEpochMs}`),
 * `{dead: {unit, is}}` and `{count: true}` (answered `{requests}`). Ends when its parent lets go.
 */
import { parseArgs } from 'node:util';
import { DoorPlant } from './plants.ts';
import { PtyPair } from './pty-pair.ts';
import { RelayBoard } from './relay-board.ts';
import { RtuLine } from './rtu-line.ts';

const { values } = parseArgs({
  options: {
    'pty-link': { type: 'string' },
    units: { type: 'string', default: '16' },
    baud: { type: 'string', default: '9600' },
    turnaround: { type: 'string', default: '5' },
  },
});
const path = values['pty-link'];
if (!path) throw new Error('--pty-link is missing');

/** A door that opens within 2 ms of its strike and stands open for a while, and whose contact can be forced. */
class BenchDoor extends DoorPlant {
  forced = false;
  constructor() {
    super(0, 0, 2, 400);
  }
  override contacts(atMs: number): Readonly<Record<number, boolean>> {
    return this.forced ? { 0: true } : super.contacts(atMs);
  }
}

const pair = new PtyPair(path);
const line = new RtuLine(pair.farPath, {
  baudRate: Number(values.baud),
  turnaroundMs: Number(values.turnaround),
  exact: true,
});
const doors = Array.from({ length: Number(values.units) }, () => new BenchDoor());
for (const [i, door] of doors.entries()) line.segment.add(i + 1, new RelayBoard([door]));

interface Order {
  readonly contact?: { readonly unit: number; readonly closed: boolean };
  readonly dead?: { readonly unit: number; readonly is: boolean };
  readonly count?: true;
}

process.on('message', ({ contact, dead, count }: Order) => {
  if (contact) {
    const door = doors[contact.unit - 1];
    if (door) door.forced = contact.closed;
    process.send?.({ contactAtEpochMs: Date.now() });
  }
  if (dead) line.segment.setFault(dead.unit, dead.is ? { kind: 'dead' } : { kind: 'none' });
  if (count) process.send?.({ requests: [...line.segment.requests.values()].reduce((a, b) => a + b, 0) });
});
process.once('disconnect', () => void stop());
process.once('SIGTERM', () => void stop());

async function stop(): Promise<void> {
  await line.stop();
  await pair.stop();
  process.exit(0);
}

await pair.start();
await line.start();
process.send?.({ ready: true });
