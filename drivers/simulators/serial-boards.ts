/**
 * Many relay boards on one serial line behind a pty, for measurements. Each has a door on relay 0 and input
 * 0, another on relay 3 and input 3, a barrier on relays and inputs 4 to 6, and a dry contact on input 7.
 *
 * `node serial-boards.ts --pty-link PATH [--units N] [--baud N] [--turnaround MS]`, forked: says `{ready:
 * true}` when it serves, then takes `{contact: {unit, closed}}` (answered `{contactAtEpochMs}`), `{dead:
 * {unit, is}}`, `{count: true}` (answered `{requests}`), `{hand: {unit, closed}}` for the dry contact
 * (answered `{handAtEpochMs}`) and `{writes: true}` (answered `{writes, handSaidAtEpochMs}`: the writes since
 * it was asked last, and when the dry contact was first told as closed since the last hand). Ends when its
 * parent lets go.
 */
import { parseArgs } from 'node:util';
import { nowMs } from './now.ts';
import { BarrierPlant, DoorPlant } from './plants.ts';
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

/**
 * A door that opens within 2 ms of its strike and stands open for a while, and whose contact can be forced.
 */
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
const barrierWiring = { openRelay: 4, closeRelay: 5, stopRelay: 6, upLimit: 4, downLimit: 5, loop: 6 };
const handInput = 7;
const doors = Array.from({ length: Number(values.units) }, () => new BenchDoor());
const boards = doors.map(
  (door) => new RelayBoard([door, new DoorPlant(3, 3, 2, 400), new BarrierPlant(barrierWiring, 300)]),
);
for (const [i, board] of boards.entries()) line.segment.add(i + 1, board);

interface WriteHeard {
  readonly unit: number;
  readonly address: number;
  readonly value: number;
  readonly atEpochMs: number;
}
/** Nobody asks for more at a time. */
const maxWrites = 10_000;
let writes: WriteHeard[] = [];
let handSaidAtEpochMs: number | undefined;
const epochMs = (atMs: number) => Date.now() - nowMs() + atMs;
line.segment.listen({
  asked(unit, pdu, atMs) {
    if (pdu[0] !== 5 || writes.length >= maxWrites) return;
    writes.push({ unit, address: pdu.readUInt16BE(1), value: pdu.readUInt16BE(3), atEpochMs: epochMs(atMs) });
  },
  answered(_unit, request, reply, atMs) {
    const saysClosed = request[0] === 2 && ((reply[2] ?? 0) & (1 << handInput)) !== 0;
    if (saysClosed) handSaidAtEpochMs ??= epochMs(atMs);
  },
});

interface Order {
  readonly contact?: { readonly unit: number; readonly closed: boolean };
  readonly dead?: { readonly unit: number; readonly is: boolean };
  readonly count?: true;
  readonly hand?: { readonly unit: number; readonly closed: boolean };
  readonly writes?: true;
}

process.on('message', ({ contact, dead, count, hand, writes: asked }: Order) => {
  if (hand) {
    boards[hand.unit - 1]?.bank.hand(handInput, hand.closed);
    handSaidAtEpochMs = undefined;
    process.send?.({ handAtEpochMs: Date.now() });
  }
  if (asked) {
    process.send?.({ writes, handSaidAtEpochMs });
    writes = [];
  }
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
