import { request } from 'node:http';
import { readBounded } from '@gatehouse/kit';
import { z } from 'zod';

const BoxHealth = z.object({
  status: z.string(),
  services: z.record(z.string(), z.object({ status: z.string() })),
});
/** The console's answer to `GET /api/health`. */
export type BoxHealth = z.infer<typeof BoxHealth>;

/** Asks a console at `http://host:port` for its health; `undefined` while nobody answers properly. */
export async function askHealth(consoleUrl: string): Promise<BoxHealth | undefined> {
  try {
    const body = await getBody(`${consoleUrl}/api/health`);
    return BoxHealth.safeParse(JSON.parse(body.toString('utf8'))).data;
  } catch {
    return undefined;
  }
}

/**
 * The body of a program's answer to a GET on this machine, at most 64 KiB and 2 s; rejects where there is
 * none.
 */
export function getBody(url: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const call = request(url, { agent: false, signal: AbortSignal.timeout(2000) });
    call.on('error', reject);
    call.once('response', (response) => readBounded(response, 64 * 1024).then(resolve, reject));
    call.end();
  });
}
