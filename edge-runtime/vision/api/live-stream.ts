import type { ServerResponse } from 'node:http';
import { claimStream } from '@gatehouse/kit';
import type { StreamRing } from '../ring/stream-ring.ts';

/**
 * Bytes that a viewer may leave unread: about 8 s of a 4 Mbit/s camera. Drop policy: the viewer is dropped
 * and connects again.
 */
export const maxUnreadBytes = 4 * 1024 * 1024;

/**
 * Sends a camera's MPEG-TS from the last keyframe on, then live. Ends when the camera's connection ends (the
 * next one has other timestamps) or when the reader does not keep up; the reader connects again. The start
 * may be larger than the bound: one group. Throws `TOO_MANY_STREAMS`.
 */
export function sendLiveStream(ring: StreamRing, response: ServerResponse): void {
  claimStream(response);
  response.writeHead(200, { 'content-type': 'video/mp2t', 'cache-control': 'no-store' });
  let started = false;
  const unsubscribe = ring.subscribe({
    data(chunk) {
      response.write(chunk);
      if (started && response.writableLength > maxUnreadBytes) {
        unsubscribe();
        response.destroy();
      }
    },
    end: () => response.end(),
  });
  started = true;
  response.once('close', unsubscribe);
}
