import { createServer, type Server, type Socket } from 'node:net';
import { type Fault, FaultySender } from './faults.ts';
import { listenOnLoopback } from './loopback.ts';
import { takeTcpRequests, tcpFrame } from './modbus-frames.ts';
import type { RelayBoard } from './relay-board.ts';

/** A relay board on Modbus TCP (unit 1 unless told otherwise), on loopback. */
export class TcpSlave {
  readonly board: RelayBoard;
  readonly unit: number;
  readonly #sockets = new Map<Socket, FaultySender>();
  #server: Server | undefined;
  #fault: Fault = { kind: 'none' };
  #port = 0;

  constructor(board: RelayBoard, unit = 1) {
    this.board = board;
    this.unit = unit;
  }

  get port(): number {
    return this.#port;
  }
  get listening(): boolean {
    return this.#server !== undefined;
  }
  get connections(): number {
    return this.#sockets.size;
  }

  set fault(fault: Fault) {
    this.#fault = fault;
    for (const sender of this.#sockets.values()) sender.fault = fault;
  }

  /** Listens; port 0 takes a free one and keeps it over power cycles. */
  async listen(port = this.#port): Promise<void> {
    this.#server = createServer((socket) => this.#serve(socket));
    this.#port = await listenOnLoopback(this.#server, port);
  }

  /** Power fails: relays drop, connections die without a word, the port refuses. */
  async powerOff(): Promise<void> {
    this.board.powerOff();
    await this.close();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets.keys()) socket.destroy();
    const server = this.#server;
    this.#server = undefined;
    if (server) await new Promise((resolve) => server.close(resolve));
  }

  #serve(socket: Socket): void {
    const sender = new FaultySender((bytes) => {
      if (!socket.destroyed) socket.write(bytes);
    });
    sender.fault = this.#fault;
    this.#sockets.set(socket, sender);
    let buffer: Buffer = Buffer.alloc(0);
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      const { requests, rest } = takeTcpRequests(Buffer.concat([buffer, chunk]));
      buffer = rest;
      for (const { transaction, unit, pdu } of requests) {
        if (this.#fault.kind === 'dead' || unit !== this.unit) continue;
        void sender.answer(tcpFrame(transaction, unit, this.board.handle(pdu)));
      }
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
  }
}
