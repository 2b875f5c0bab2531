/** Where a camera is and who we are to it. */
export interface CameraSource {
  /** `rtsp://host/path` without user and password. */
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
}

/** RTSP socket operations give up after this, microseconds (ffmpeg's unit); longer than the stall watchdog, which decides. */
const socketTimeoutUs = 10_000_000;
/** Half a second of probing instead of five: the first picture comes that much sooner after a reconnect. */
const analyseUs = 500_000;

/**
 * The ffconcat script that makes ffmpeg open a camera. It goes to ffmpeg's stdin, so that user and password stand in no
 * process list and no environment. Only the video stream is set up: sound costs the camera bandwidth and is not wanted.
 */
export function concatScript(source: CameraSource): string {
  return [
    'ffconcat version 1.0',
    `file ${quote(withCredentials(source))}`,
    'option rtsp_transport tcp',
    `option timeout ${socketTimeoutUs}`,
    'option allowed_media_types video',
    `option analyzeduration ${analyseUs}`,
    'option fpsprobesize 0',
    '',
  ].join('\n');
}

/** Puts user and password into the URL, percent-encoded (RFC 3986 section 3.2.1). */
export function withCredentials({ url, username, password }: CameraSource): string {
  if (username === undefined) return url;
  const userinfo = password === undefined ? encode(username) : `${encode(username)}:${encode(password)}`;
  return url.replace('://', `://${userinfo}@`);
}

/** encodeURIComponent leaves ! ' ( ) * alone; a quote would end ffconcat's string. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** ffconcat strings (ffmpeg-utils(1), "Quoting and escaping"): nothing is special between single quotes but the quote. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
