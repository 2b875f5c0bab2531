import { GatehouseError, partsOf } from '@gatehouse/kit';

/** Faults that the relay finds before ffmpeg can. */
export type CameraFaultCode =
  | 'CAMERA_UNREACHABLE'
  | 'CAMERA_GARBAGE'
  | 'CAMERA_BASIC_REFUSED'
  | 'CAMERA_ELSEWHERE'
  | 'CAMERA_UDP_ONLY'
  | 'CAMERA_TLS';

/** `detail`: the host or the cause that the camera gave; at most 120 printable characters. */
export class CameraFault extends GatehouseError {
  declare readonly code: CameraFaultCode;
  readonly detail: string | undefined;

  constructor(
    code: CameraFaultCode,
    values: Readonly<Record<string, string>> = {},
    detail?: string,
    cause?: unknown,
  ) {
    const { fault, message, remedy } = partsOf(code, values);
    super(code, fault, message, remedy, cause === undefined ? {} : { cause });
    this.detail = detail?.replace(/[^\x20-\x7e]/g, '?').slice(0, 120);
  }
}

export function unreachable(why: string, cause?: unknown): CameraFault {
  return new CameraFault('CAMERA_UNREACHABLE', { reason: why }, why, cause);
}

export function garbage(why: string, cause?: unknown): CameraFault {
  return new CameraFault('CAMERA_GARBAGE', { reason: why }, why, cause);
}

export function basicRefused(): CameraFault {
  return new CameraFault('CAMERA_BASIC_REFUSED');
}

/** `named`: the other host, as the camera wrote it. */
export function elsewhere(what: string, named: string): CameraFault {
  return new CameraFault('CAMERA_ELSEWHERE', { what, named }, named);
}

export function udpOnly(): CameraFault {
  return new CameraFault('CAMERA_UDP_ONLY');
}

export function tlsFailed(why: string, cause?: unknown): CameraFault {
  return new CameraFault('CAMERA_TLS', { reason: why }, why, cause);
}
