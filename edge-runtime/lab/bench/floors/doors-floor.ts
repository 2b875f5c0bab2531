/**
 * Floor of the doors bench: the same exchanges on the same wire without the product. One raw socket writes
 * the pulse, waits for its echo, reads relays and then inputs until the contact is closed. Imports nothing of
 * the product.
 */
import { connect, type Socket } from 'node:net';

const unit = 1;
const missedMs = 1000;

/** Milliseconds on the monotonic clock. */
function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** A Modbus TCP master of three requests, typed from the Messaging on TCP/IP implementation guide V1.0b. */
class RawMaster {
  readonly #socket: Socket;
  #transaction = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
  }

  ask(code: number, address: number, value: number): Promise<Buffer> {
    this.#transaction = (this.#transaction + 1) & 0xffff;
    const frame = Buffer.alloc(12);
    frame.writeUInt16BE(this.#transaction, 0);
    frame.writeUInt16BE(6, 4);
    frame.writeUInt8(unit, 6);
    frame.writeUInt8(code, 7);
    frame.writeUInt16BE(address, 8);
    frame.writeUInt16BE(value, 10);
    this.#socket.write(frame);
    return new Promise((resolve) => this.#socket.once('data', resolve));
  }
}

/** Takes `samples` open-and-read-back cycles on a board and returns each one's milliseconds. */
export async function doorFloor(
  port: number,
  channel: number,
  samples: number,
  between: () => Promise<void>,
): Promise<number[]> {
  const socket = connect(port, '127.0.0.1');
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  const master = new RawMaster(socket);
  const tookMs: number[] = [];
  for (let i = 0; i < samples; i++) {
    const startMs = nowMs();
    await master.ask(5, 0x0200 + channel, 1);
    await master.ask(1, 0, 8);
    // The contact is closed for the pulse's 100 ms only: a machine that slept through it counts as slow, and
    // goes on.
    while (nowMs() - startMs < missedMs) {
      const reply = await master.ask(2, 0, 8);
      if (((reply[9] ?? 0) >> channel) & 1) break;
    }
    tookMs.push(nowMs() - startMs);
    await between();
  }
  socket.destroy();
  return tookMs;
}
