import { GatehouseError } from '@gatehouse/kit';

/** One Modbus request, addresses counted from 0. `value` of a coil write is the raw field: 0xFF00, 0 or a board's own. */
export type BusRequest =
  | {
      readonly kind: 'read-coils' | 'read-inputs';
      readonly unit: number;
      readonly address: number;
      readonly count: number;
    }
  | {
      readonly kind: 'write-coil';
      readonly unit: number;
      readonly address: number;
      readonly value: number;
    };

/** What went over the wire, as bytes for the audit, and the bits of a read. Serial framing on both transports. */
export interface Exchange {
  readonly sent: Buffer;
  readonly received: Buffer;
  readonly bits: readonly boolean[];
}

export const functionCodes = { 'read-coils': 1, 'read-inputs': 2, 'write-coil': 5 } as const;

/** The request in words, for errors and logs. */
export function describeRequest(request: BusRequest): string {
  const what =
    request.kind === 'write-coil'
      ? `write of coil ${request.address} = 0x${request.value.toString(16).padStart(4, '0')}`
      : `${request.kind.replace('-', ' of ')} ${request.address} to ${request.address + request.count - 1}`;
  return `${what}, unit ${request.unit}`;
}

/** Errors of one exchange. Only `BUS_EXCEPTION` says for certain that the board has not executed a write. */
export type BusErrorCode = 'BUS_DOWN' | 'BUS_TIMEOUT' | 'BUS_WRONG_REPLY' | 'BUS_EXCEPTION' | 'BUS_BUSY';

const remedies: Record<BusErrorCode, string> = {
  BUS_DOWN: 'Check the cable, the power and the address of the bus.',
  BUS_TIMEOUT: 'Check the power of the board, its unit address and the baud rate.',
  BUS_WRONG_REPLY: 'Check termination and shielding, and that no two boards share the unit address.',
  BUS_EXCEPTION: 'Check that the profile fits the board.',
  BUS_BUSY: 'Use fewer boards on this bus, or a higher baud rate.',
};

/** A failed exchange, as the peer's fault, with the remedy that its code calls for. */
export function busError(code: BusErrorCode, bus: string, what: string, cause?: unknown): GatehouseError {
  return new GatehouseError(code, 'peer', `bus ${bus}: ${what}.`, remedies[code], { cause });
}
