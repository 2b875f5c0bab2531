import { errorOf, GatehouseError, partsOf } from '@gatehouse/kit';

/** Reads of consecutive bits or 16-bit registers, by the Modbus function that does it. */
export type ReadKind = 'read-coils' | 'read-inputs' | 'read-holding' | 'read-input-registers';

/** One read, addresses counted from 0. */
export interface ReadRequest {
  readonly kind: ReadKind;
  readonly unit: number;
  readonly address: number;
  readonly count: number;
}

/**
 * One write, addresses counted from 0. No kind of it can reach a second relay by its form: functions 15 and
 * 16 are there for boards that know no other, with one coil, and with the one or two registers of one relay.
 */
export type WriteRequest =
  | {
      /**
       * Functions 5 and 6. `value` is the raw field: 0xFF00, 0 or a board's own for a coil, any 16 bits for a
       * register.
       */
      readonly kind: 'write-coil' | 'write-register';
      readonly unit: number;
      readonly address: number;
      readonly value: number;
    }
  | {
      /** Function 15 with a single coil. */
      readonly kind: 'write-one-coil';
      readonly unit: number;
      readonly address: number;
      readonly on: boolean;
    }
  | {
      /** Function 16. */
      readonly kind: 'write-registers';
      readonly unit: number;
      readonly address: number;
      readonly words: readonly [number] | readonly [number, number];
    }
  | {
      /** Function 22: the board itself makes (register AND `and`) OR (`or` AND NOT `and`) of a register. */
      readonly kind: 'mask-register';
      readonly unit: number;
      readonly address: number;
      readonly and: number;
      readonly or: number;
    };

export type BusRequest = ReadRequest | WriteRequest;

export function isRead(request: BusRequest): request is ReadRequest {
  return 'count' in request;
}

/**
 * Bytes that went over the wire, for the audit, and the values of a read. Serial framing on every transport.
 */
export interface Exchange {
  readonly sent: Buffer;
  readonly received: Buffer;
  /** Of a read of coils or inputs; else empty. */
  readonly bits: readonly boolean[];
  /** Of a read of registers, each 0 to 65535; else empty. */
  readonly registers: readonly number[];
}

export const functionCodes = {
  'read-coils': 1,
  'read-inputs': 2,
  'read-holding': 3,
  'read-input-registers': 4,
  'write-coil': 5,
  'write-register': 6,
  'write-one-coil': 15,
  'write-registers': 16,
  'mask-register': 22,
} as const;

/** Most that one request may read (application protocol V1.1b3, sections 6.1 to 6.4). */
export const maxCount: Readonly<Record<ReadKind, number>> = {
  'read-coils': 2000,
  'read-inputs': 2000,
  'read-holding': 125,
  'read-input-registers': 125,
};

const things = {
  'read-coils': 'read of coils',
  'read-inputs': 'read of inputs',
  'read-holding': 'read of holding registers',
  'read-input-registers': 'read of input registers',
} as const;

/** The request in words, for errors and logs. */
export function describeRequest(request: BusRequest): string {
  return `${what(request)}, unit ${request.unit}`;
}

function what(request: BusRequest): string {
  const { address } = request;
  switch (request.kind) {
    case 'write-coil':
      return `write of coil ${address} = ${hex(request.value)}`;
    case 'write-register':
      return `write of holding register ${address} = ${hex(request.value)}`;
    case 'write-one-coil':
      return `write of coil ${address} = ${request.on ? 1 : 0} by function 15`;
    case 'write-registers':
      return `write of holding registers from ${address} on = ${request.words.map(hex).join(' ')}`;
    case 'mask-register':
      return `mask of holding register ${address}, and ${hex(request.and)} or ${hex(request.or)}`;
    default:
      return `${things[request.kind]} ${address} to ${address + request.count - 1}`;
  }
}

function hex(word: number): string {
  return `0x${word.toString(16).padStart(4, '0')}`;
}

/**
 * Errors of one exchange. Only some exceptions say for certain that the board has not executed a write
 * (`didNothing`).
 */
export type BusErrorCode =
  | 'BUS_DOWN'
  | 'BUS_TIMEOUT'
  | 'BUS_WRONG_REPLY'
  | 'BUS_EXCEPTION'
  | 'BUS_BUSY'
  | 'BUS_UNIT_SILENT';

/** A failed exchange, as the peer's fault. */
export function busError(code: BusErrorCode, bus: string, what: string, cause?: unknown): GatehouseError {
  return errorOf(code, { bus, what }, { cause });
}

/** The board has answered with an exception (application protocol V1.1b3, section 7). */
export class BusException extends GatehouseError {
  readonly reason: number;
  constructor(bus: string, reason: number, what: string, cause?: unknown) {
    const { fault, message, remedy } = partsOf('BUS_EXCEPTION', { bus, what });
    super('BUS_EXCEPTION', fault, message, remedy, { cause });
    this.reason = reason;
  }
}

/**
 * Illegal function, address or value: found before anything is done. Busy (6): "the server will accept it
 * later".
 */
const doneNothing: readonly number[] = [1, 2, 3, 6];

/**
 * Whether an error says for certain that the board has not done what it was asked for. Failure (4),
 * acknowledge (5) and a gateway without its board's answer (10, 11) say nothing of the relay, and neither
 * does what the specification does not know.
 */
export function didNothing(error: unknown): boolean {
  return error instanceof BusException && doneNothing.includes(error.reason);
}
