import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { type Bus, Bus as BusSchema } from '@gatehouse/contracts';
import { GatehouseError, seededRandom, sleep, systemClock } from '@gatehouse/kit';
import modbusSerial from 'modbus-serial';
import type { Fault } from '../../simulators/faults.ts';
import { PtyPair } from '../../simulators/pty-pair.ts';
import type { Plant } from '../../simulators/relay-bank.ts';
import { RelayBoard } from '../../simulators/relay-board.ts';
import { RtuSlave } from '../../simulators/rtu-slave.ts';
import { SerialServer } from '../../simulators/serial-server.ts';
import { TcpSlave } from '../../simulators/tcp-slave.ts';
import type { Link } from '../link.ts';
import { linkTo } from '../open-link.ts';
import type { BusRequest, Exchange } from '../request.ts';

/** Inputs that show how often they were read: each answer is unlike the one before. */
class CountingInputs implements Plant {
  count = 0;
  relay(): void {
    // No relay moves these inputs.
  }
  contacts(): Record<number, boolean> {
    this.count = (this.count + 1) & 0xff;
    return Object.fromEntries([0, 1, 2, 3, 4, 5, 6, 7].map((bit) => [bit, ((this.count >> bit) & 1) === 1]));
  }
}

/** Far above a healthy answer even on a busy machine. */
const timeoutMs = 150;
/** Lateness stays below timeout + quarantine: the stated bound of what a serial line can tell apart. */
const lateMs = 220;
const quarantineMs = 250;

interface Peer {
  readonly bus: Bus;
  readonly board: RelayBoard;
  fault: (fault: Fault) => void;
  close(): Promise<void>;
}

async function tcpPeer(inputs: Plant): Promise<Peer> {
  const board = new RelayBoard([inputs]);
  const slave = new TcpSlave(board);
  await slave.listen(0);
  return {
    bus: BusSchema.parse({
      id: 'tcp',
      kind: 'modbus-tcp',
      host: '127.0.0.1',
      port: slave.port,
      timeoutMs,
    }),
    board,
    fault: (fault) => {
      slave.fault = fault;
    },
    close: () => slave.close(),
  };
}

/** @param now the board's own time, milliseconds; the machine's if absent */
async function rtuPeer(inputs: Plant, now?: () => number): Promise<Peer> {
  const folder = await mkdtemp(join(tmpdir(), 'gh-pty-'));
  const pair = new PtyPair(join(folder, 'bus'));
  await pair.start();
  const board = new RelayBoard([inputs], now ? { now } : {});
  const slave = new RtuSlave(board, pair.farPath, { baudRate: 115_200, turnaroundMs: 1 });
  await slave.start();
  return {
    bus: BusSchema.parse({
      id: 'rtu',
      kind: 'modbus-rtu',
      path: pair.path,
      baudRate: 115_200,
      timeoutMs,
    }),
    board,
    fault: (fault) => {
      slave.fault = fault;
    },
    close: async () => {
      await slave.stop();
      await pair.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function serialServerPeer(inputs: Plant): Promise<Peer> {
  const server = new SerialServer({ baudRate: 115_200, turnaroundMs: 1 });
  const board = new RelayBoard([inputs]);
  server.segment.add(1, board);
  await server.listen(0);
  const { port } = server;
  const kind = 'modbus-rtu-tcp';
  return {
    bus: BusSchema.parse({ id: 'server', kind, host: '127.0.0.1', port, baudRate: 115_200, timeoutMs }),
    board,
    fault: (fault) => server.segment.setFault(1, fault),
    close: () => server.close(),
  };
}

const peers = { tcp: tcpPeer, rtu: (inputs: Plant) => rtuPeer(inputs), 'rtu-tcp': serialServerPeer };
const readInputs: BusRequest = { kind: 'read-inputs', unit: 1, address: 0, count: 8 };

function byteOf(bits: readonly boolean[]): number {
  return bits.slice(0, 8).reduce((sum, bit, at) => sum + (bit ? 1 << at : 0), 0);
}

const rtuFaults: readonly Fault[] = [
  { kind: 'none' },
  { kind: 'late', delayMs: lateMs },
  { kind: 'duplicate', gapMs: 0 },
  { kind: 'split', gapMs: 3 },
  { kind: 'join' },
  { kind: 'mute' },
  { kind: 'garbage', bytes: 6 },
  { kind: 'noise', bytes: 2 },
  ...[0, 9, 17, 26, 35, 44].map((bit) => ({ kind: 'flip', bit }) as const),
];

const faultsOf: Record<keyof typeof peers, readonly Fault[]> = {
  tcp: [
    { kind: 'none' },
    { kind: 'late', delayMs: lateMs },
    { kind: 'duplicate', gapMs: 0 },
    { kind: 'duplicate', gapMs: 3 },
    { kind: 'split', gapMs: 3 },
    { kind: 'join' },
    { kind: 'mute' },
    // Modbus TCP has no checksum of its own: header, unit, function and count can be checked, data bits
    // cannot.
    ...[3, 12, 24, 43, 49, 58, 66].map((bit) => ({ kind: 'flip', bit }) as const),
  ],
  rtu: rtuFaults,
  'rtu-tcp': rtuFaults,
};

/**
 * One link after another, each asked as the lane asks it: no unit within its rest, opened anew where that is
 * needed.
 */
class Lane {
  readonly #bus: Bus;
  #link: Link | undefined;
  constructor(bus: Bus) {
    this.#bus = bus;
  }
  async ask(request: BusRequest): Promise<Exchange> {
    if (this.#link?.mustReopen) this.close();
    if (!this.#link) {
      this.#link = linkTo(this.#bus, { clock: systemClock, quarantineMs });
      await this.#link.open();
    }
    await sleep(systemClock, this.#link.restMs(request.unit));
    return this.#link.exchange(request);
  }
  close(): void {
    this.#link?.close();
    this.#link = undefined;
  }
}

for (const kind of ['tcp', 'rtu', 'rtu-tcp'] as const)
  test(`over a real ${kind} peer that misbehaves by seeded dice, no wrong reply is accepted`, async () => {
    const inputs = new CountingInputs();
    const peer = await peers[kind](inputs);
    const lane = new Lane(peer.bus);
    try {
      const random = seededRandom(4711);
      const faults = faultsOf[kind];
      const seen = { right: 0, wrong: 0, refused: 0 };
      for (let i = 0; i < 50; i++) {
        // Every other exchange is healthy, so that a reply kept back has a request to be mistaken for.
        const fault = i % 2 ? faults[0] : faults[Math.floor(random() * faults.length)];
        peer.fault(fault ?? { kind: 'none' });
        const write: BusRequest = {
          kind: 'write-coil',
          unit: 1,
          address: 0x0200 + (i & 7),
          value: 1 + (i % 50),
        };
        const request = random() < 0.7 ? readInputs : write;
        try {
          const { bits, sent, received } = await lane.ask(request);
          const right = request === readInputs ? byteOf(bits) === inputs.count : sent.equals(received);
          seen[right ? 'right' : 'wrong']++;
        } catch (error) {
          assert.ok(error instanceof GatehouseError, String(error));
          seen.refused++;
        }
      }
      assert.equal(seen.wrong, 0, JSON.stringify(seen));
      assert.ok(seen.right >= 15 && seen.refused >= 5, JSON.stringify(seen));
    } finally {
      lane.close();
      await peer.close();
    }
  });

test('positive control: bare modbus-serial on the same serial line takes the previous reply for the next', async () => {
  const inputs = new CountingInputs();
  const peer = await rtuPeer(inputs);
  const client = new modbusSerial.default();
  try {
    assert.equal(peer.bus.kind, 'modbus-rtu');
    if (peer.bus.kind !== 'modbus-rtu') return;
    await client.connectRTUBuffered(peer.bus.path, { baudRate: 115_200 });
    client.setID(1);
    client.setTimeout(timeoutMs);
    peer.fault({ kind: 'late', delayMs: lateMs });
    // Each request is lost by 70 ms; its answer then meets the request after it.
    let wrong = 0;
    for (let i = 0; i < 10 && wrong === 0; i++) {
      const before = inputs.count;
      const value = await client.readDiscreteInputs(0, 8).then(
        ({ data }) => byteOf(data),
        () => undefined,
      );
      if (value !== undefined && value <= before) wrong++;
    }
    assert.equal(wrong, 1, 'bare modbus-serial was expected to accept a wrong reply');
  } finally {
    await new Promise((resolve) => client.close(resolve));
    await peer.close();
  }
});

test('positive control: bare modbus-serial takes the echo of another coil for its own', async () => {
  const peer = await tcpPeer(new CountingInputs());
  const client = new modbusSerial.default();
  try {
    if (peer.bus.kind === 'modbus-tcp') await client.connectTCP(peer.bus.host, { port: peer.bus.port });
    client.setID(1);
    client.setTimeout(500);
    // Bit 73 is the low byte of the echoed address.
    peer.fault({ kind: 'flip', bit: 73 });
    const { address } = await client.writeCoil(0, true);
    assert.equal(address, 2);
    const link = linkTo(peer.bus, { clock: systemClock, quarantineMs });
    await link.open();
    const ours = link.exchange({ kind: 'write-coil', unit: 1, address: 0, value: 0xff00 });
    await assert.rejects(ours, /echo differs/);
    link.close();
  } finally {
    await new Promise((resolve) => client.close(resolve));
    await peer.close();
  }
});

test('the pulse goes out as the data sheet writes it, byte by byte', async () => {
  // The board's time stands still, so that the pulse lasts until it is read; and its answer may be late.
  const peer = await rtuPeer(new CountingInputs(), () => 0);
  const link = linkTo({ ...peer.bus, timeoutMs: 5_000 }, { clock: systemClock, quarantineMs });
  try {
    await link.open();
    // A read first: until one is answered nobody knows whether the line echoes, and a write is not taken as
    // answered.
    const inputs = await link.exchange(readInputs);
    assert.equal(inputs.sent.toString('hex'), '01020000000879cc');
    const pulse = await link.exchange({ kind: 'write-coil', unit: 1, address: 0x0200, value: 7 });
    assert.equal(pulse.sent.toString('hex'), '0105020000078db0');
    const read = await link.exchange({ kind: 'read-coils', unit: 1, address: 0, count: 8 });
    assert.equal(read.sent.toString('hex'), '0101000000083dcc');
    assert.deepEqual(read.bits, [true, false, false, false, false, false, false, false]);
  } finally {
    link.close();
    await peer.close();
  }
});

/** mbpoll is a Modbus master by other hands (libmodbus): the simulated boards must satisfy it too. */
for (const kind of ['tcp', 'rtu'] as const)
  test(`mbpoll reads and switches the simulated ${kind} board`, async () => {
    const inputs = new CountingInputs();
    const peer = await peers[kind](inputs);
    const where = peer.bus.kind === 'modbus-rtu' ? [peer.bus.path] : ['127.0.0.1'];
    const line =
      peer.bus.kind === 'modbus-tcp'
        ? ['-m', 'tcp', '-p', String(peer.bus.port)]
        : ['-m', 'rtu', '-b', '115200', '-P', 'none'];
    try {
      const read = await mbpoll([...line, '-a', '1', '-0', '-r', '0', '-c', '8', '-t', '1', '-1', ...where]);
      assert.match(read, /\[0\]:\s+1\s/);
      await mbpoll([...line, '-a', '1', '-0', '-r', '5', '-t', '0', '-1', ...where, '1']);
      assert.equal(peer.board.relayOn(5), true);
      assert.deepEqual(
        peer.board.writes.map(({ channel, value }) => [channel, value]),
        [[5, 0xff00]],
      );
    } finally {
      await peer.close();
    }
  });

async function mbpoll(args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('mbpoll', [...args], { timeout: 10_000 });
    return stdout;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      throw new Error('mbpoll is missing: install the Debian package "mbpoll".');
    throw error;
  }
}
