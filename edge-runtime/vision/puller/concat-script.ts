/**
 * Read time-out of ffmpeg, microseconds (its unit). Longer than the stall limit of the puller, which decides.
 */
const socketTimeoutUs = 10_000_000;
/** Half a second of probing instead of five: the first picture comes that much sooner after a reconnect. */
const analyseUs = 500_000;

/**
 * The ffconcat script that makes ffmpeg open a camera through its relay. It goes to ffmpeg's stdin, so the
 * relay's secret path appears in no process list and no environment. Only the video stream is set up, because
 * audio is not needed.
 */
export function concatScript(url: string): string {
  return [
    'ffconcat version 1.0',
    `file ${quote(url)}`,
    'option rtsp_transport tcp',
    `option timeout ${socketTimeoutUs}`,
    'option allowed_media_types video',
    `option analyzeduration ${analyseUs}`,
    'option fpsprobesize 0',
    '',
  ].join('\n');
}

/**
 * ffconcat strings (ffmpeg-utils(1), "Quoting and escaping"): nothing is special between single quotes but
 * the quote.
 */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
