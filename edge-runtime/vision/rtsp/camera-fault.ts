import { GatehouseError } from '@gatehouse/kit';

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

  constructor(code: CameraFaultCode, message: string, remedy: string, detail?: string, cause?: unknown) {
    super(code, 'peer', message, remedy, cause === undefined ? {} : { cause });
    this.detail = detail?.replace(/[^\x20-\x7e]/g, '?').slice(0, 120);
  }
}

export function unreachable(why: string, cause?: unknown): CameraFault {
  return new CameraFault(
    'CAMERA_UNREACHABLE',
    `the camera cannot be reached (${why}).`,
    'Check its power, cable and address.',
    why,
    cause,
  );
}

export function garbage(why: string, cause?: unknown): CameraFault {
  return new CameraFault(
    'CAMERA_GARBAGE',
    `the camera's address does not answer in RTSP (${why}).`,
    'Correct the address in the site file; a camera usually listens at port 554.',
    why,
    cause,
  );
}

export function basicRefused(): CameraFault {
  return new CameraFault(
    'CAMERA_BASIC_REFUSED',
    'the camera accepts its password in clear only (Basic), so the password was not sent.',
    'Set the camera to digest or use rtsps://. Or allow it: "basic: true" at this camera in the site file.',
  );
}

/** `named`: the other host, as the camera wrote it. */
export function elsewhere(what: string, named: string): CameraFault {
  return new CameraFault(
    'CAMERA_ELSEWHERE',
    `${what} names another host or port (${named}).`,
    'If it is the same camera behind a router or recorder, add that host to "alsoKnownAs" in the site file.',
    named,
  );
}

export function udpOnly(): CameraFault {
  return new CameraFault(
    'CAMERA_UDP_ONLY',
    'the camera refuses to send its stream over the RTSP connection (461).',
    'Allow RTP over TCP (RTSP interleaved) in the camera; pictures over UDP are not taken.',
  );
}

export function tlsFailed(why: string, cause?: unknown): CameraFault {
  return new CameraFault(
    'CAMERA_TLS',
    `no secure connection to the camera (${why}).`,
    'Check that the camera serves rtsps:// with TLS 1.2 or later, and its "certificate" in the site file.',
    why,
    cause,
  );
}
