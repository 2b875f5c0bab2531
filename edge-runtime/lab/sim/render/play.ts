import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { errorOf } from '@gatehouse/kit';
import { clipFiles } from './clip.ts';

const simulator = join(import.meta.dirname, '..', '..', 'camera-simulator', 'main.ts');

/**
 * Serves a rendered clip as an RTSP camera until interrupted; the simulator prints its URL. Throws
 * `SIM_NO_CLIP`.
 */
export async function playClip(name: string, folder: string, port: string): Promise<void> {
  const { video } = clipFiles(name, folder);
  if (!existsSync(video)) throw errorOf('SIM_NO_CLIP', { video, name, folder });
  const child = spawn(process.execPath, [simulator, '--port', port, '--stream', `${name}=${video}`], {
    stdio: 'inherit',
  });
  const stop = (signal: NodeJS.Signals) => child.kill(signal);
  process.once('SIGTERM', stop);
  // Ctrl+C reaches the whole terminal group by itself.
  process.once('SIGINT', () => undefined);
  const [code] = await once(child, 'exit');
  process.exitCode = typeof code === 'number' ? code : 0;
}
