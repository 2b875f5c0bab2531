import { SimulatedCardReader } from './card-reader.ts';
import type { Fault } from './faults.ts';
import { nowMs } from './now.ts';
import { BarrierPlant, DoorPlant } from './plants.ts';
import { PtyPair } from './pty-pair.ts';
import { RegisterRelayBoard } from './register-relay-board.ts';
import type { Plant, RelayBank } from './relay-bank.ts';
import { RelayBoard } from './relay-board.ts';
import { RtuLine } from './rtu-line.ts';
import { Sensor } from './sensor.ts';
import { SerialServer } from './serial-server.ts';

/** Contacts that a person opens and closes by hand. */
class Switches implements Plant {
  readonly closed = new Set<number>();
  relay(): void {
    // No relay moves them.
  }
  contacts(): Readonly<Record<number, boolean>> {
    return Object.fromEntries([...this.closed].map((channel) => [channel, true]));
  }
  toggle(channel: number): void {
    if (!this.closed.delete(channel)) this.closed.add(channel);
  }
}

/** One unit as a display shows it. */
export interface UnitView {
  readonly unit: number;
  readonly name: string;
  readonly requests: number;
  readonly fault: string;
  readonly relays: readonly boolean[];
  readonly inputs: readonly boolean[];
  readonly plants: readonly string[];
}

const faults: readonly Fault[] = [
  { kind: 'none' },
  { kind: 'late', delayMs: 450 },
  { kind: 'duplicate', gapMs: 0 },
  { kind: 'flip', bit: 20 },
  { kind: 'noise', bytes: 3 },
  { kind: 'split', gapMs: 8 },
  { kind: 'join' },
  { kind: 'mute' },
  { kind: 'dead' },
];

/**
 * A gatehouse to rehearse with: one serial line with a barrier, a door, outputs by register, 16 inputs and
 * two sensors on units 1 to 6, reached through a pty or through a serial server's TCP port; and a card reader
 * on a pty of its own.
 */
export class Rehearsal {
  readonly barrier = new BarrierPlant({
    openRelay: 0,
    closeRelay: 1,
    stopRelay: 2,
    upLimit: 0,
    downLimit: 1,
    loop: 2,
  });
  readonly door = new DoorPlant(0, 0);
  readonly switches = new Switches();
  readonly temperature = new Sensor(4, { 1: 235, 2: 512 });
  readonly water = new Sensor(3, { 2: 1 });
  readonly reader: SimulatedCardReader;
  readonly #readerPair: PtyPair;
  readonly #barrierBoard = new RelayBoard([this.barrier]);
  readonly #doorBoard = new RelayBoard([this.door]);
  readonly #outputs = new RegisterRelayBoard([]);
  readonly #inputs = new RelayBoard([this.switches], { relays: 0, inputs: 16 });
  readonly #faults = new Map<number, number>();
  readonly #pair: PtyPair;
  readonly #line: RtuLine;
  readonly #server: SerialServer;

  constructor(ptyLink: string, timing = { baudRate: 9600, turnaroundMs: 5 }) {
    this.#pair = new PtyPair(ptyLink);
    this.#readerPair = new PtyPair(readerLink(ptyLink));
    this.reader = new SimulatedCardReader(this.#readerPair.farPath);
    this.#line = new RtuLine(this.#pair.farPath, timing);
    this.#server = new SerialServer(timing);
    for (const segment of this.#segments) {
      segment.add(1, this.#barrierBoard);
      segment.add(2, this.#doorBoard);
      segment.add(3, this.#outputs);
      segment.add(4, this.#inputs);
      segment.add(5, this.temperature);
      segment.add(6, this.water);
    }
  }

  get serverPort(): number {
    return this.#server.port;
  }

  /** `port` 0 takes a free one. */
  async start(port: number): Promise<void> {
    await this.#pair.start();
    await this.#line.start();
    await this.#readerPair.start();
    await this.reader.start();
    await this.#server.listen(port);
  }

  async stop(): Promise<void> {
    await this.#server.close();
    await this.#line.stop();
    await this.reader.stop();
    await this.#readerPair.stop();
    await this.#pair.stop();
  }

  /** The next way for a unit to misbehave, after the last one good again. */
  nextFault(unit: number): void {
    const next = ((this.#faults.get(unit) ?? 0) + 1) % faults.length;
    this.#faults.set(unit, next);
    const fault = faults[next] ?? { kind: 'none' };
    for (const segment of this.#segments) {
      if (fault.kind === 'dead') segment.powerOff(unit);
      else segment.setFault(unit, fault);
    }
  }

  /** The barrier's opening relay clicks and its contact does not move, or does again. */
  toggleStuck(): void {
    const { stuck } = this.#barrierBoard;
    if (!stuck.delete(0)) stuck.add(0);
  }

  /** The temperature jumps to 50 °C, or back to 23.5 °C. */
  toggleHeat(): void {
    const { registers } = this.temperature;
    registers.set(1, registers.get(1) === 500 ? 235 : 500);
  }

  view(): readonly UnitView[] {
    const atMs = nowMs();
    const up = Math.round(this.barrier.position(atMs) * 100);
    const loop = this.barrier.loopOccupied ? 'loop occupied' : 'loop clear';
    const harm = this.barrier.loweredOntoVehicle;
    const isOpen = this.door.contacts(atMs)[0] === true;
    const celsius = (this.temperature.registers.get(1) ?? 0) / 10;
    const humidity = (this.temperature.registers.get(2) ?? 0) / 10;
    return [
      this.#unit(1, 'barrier', this.#barrierBoard.bank, [
        `arm ${bar(up)} ${up} %`,
        loop,
        ...(this.#barrierBoard.stuck.has(0) ? ['open relay STUCK'] : []),
        ...(harm > 0 ? [`LOWERED ONTO A VEHICLE ${harm} x`] : []),
      ]),
      this.#unit(2, 'door', this.#doorBoard.bank, [isOpen ? 'door open' : 'door closed']),
      this.#unit(3, 'R413D08', this.#outputs.bank, []),
      this.#unit(4, '16 inputs', this.#inputs.bank, []),
      this.#unit(5, 'XY-MD02', undefined, [`${celsius} °C`, `${humidity} %RH`]),
      this.#unit(6, 'water', undefined, [this.water.registers.get(2) === 2 ? 'WET' : 'dry']),
    ];
  }

  get #segments() {
    return [this.#line.segment, this.#server.segment];
  }

  #unit(unit: number, name: string, bank: RelayBank | undefined, plants: readonly string[]): UnitView {
    const requests = this.#segments.reduce((sum, segment) => sum + (segment.requests.get(unit) ?? 0), 0);
    return {
      unit,
      name,
      requests,
      fault: faults[this.#faults.get(unit) ?? 0]?.kind ?? 'none',
      relays: bank?.relayBits() ?? [],
      inputs: bank?.inputBits() ?? [],
      plants,
    };
  }
}

/** The line of the card reader beside that of the boards. */
export function readerLink(ptyLink: string): string {
  return `${ptyLink}-reader`;
}

function bar(percent: number): string {
  const full = Math.round(percent / 10);
  return `${'█'.repeat(full)}${'░'.repeat(10 - full)}`;
}
