import type { CameraFaultCode } from '../rtsp/camera-fault.ts';

/** Why a pull ended; stable codes that `CameraStatus.reason` carries. */
export type PullFailure =
  | CameraFaultCode
  | 'CAMERA_UNAUTHORIZED'
  | 'CAMERA_NOT_FOUND'
  | 'CAMERA_NO_VIDEO'
  | 'CAMERA_STALLED'
  | 'CAMERA_ENDED'
  | 'CAMERA_SECRET_MISSING'
  | 'FFMPEG_MISSING';

const patterns: readonly (readonly [PullFailure, RegExp])[] = [
  ['CAMERA_UNAUTHORIZED', /\b40[13] (?:Unauthorized|Forbidden)|authorization failed|access denied/i],
  ['CAMERA_NOT_FOUND', /\b404 (?:Stream )?Not Found|Server returned 404/i],
  [
    'CAMERA_UNREACHABLE',
    /Connection refused|Connection timed out|Operation timed out|No route to host|Network is unreachable|Host is down|Failed to resolve hostname|Connection reset by peer|Server returned 5\d\d|\b5\d\d (?:Internal|Service|Server)/i,
  ],
  ['CAMERA_NO_VIDEO', /matches no streams|does not contain any stream/i],
  [
    'CAMERA_GARBAGE',
    /Invalid data found|Invalid NAL|Bad packet|Error parsing|error while decoding|non-existing PPS|Protocol not found|Invalid argument/i,
  ],
];

/** Names the failure from what ffmpeg printed last. `hadFrames`: whether pictures came before it ended. */
export function classifyFailure(stderr: string, hadFrames: boolean): PullFailure {
  for (const [code, pattern] of patterns) if (pattern.test(stderr)) return code;
  return hadFrames ? 'CAMERA_ENDED' : 'CAMERA_UNREACHABLE';
}

/** A watchdog kill is a stall, unless ffmpeg had been complaining about what came in. */
export function classifyStall(stderr: string): PullFailure {
  return classifyFailure(stderr, true) === 'CAMERA_GARBAGE' ? 'CAMERA_GARBAGE' : 'CAMERA_STALLED';
}
