import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Starts GStreamer's RTSP server (see gst-rtsp-server.py); it ends with the test. */
export async function startGstServer(
  t: { after: (fn: () => Promise<void>) => void },
  options: { codec: 'h264' | 'h265'; file: string; username?: string; password?: string; basic?: boolean },
): Promise<{ url: string; port: number }> {
  const { codec, file, username, password, basic = false } = options;
  const script = new URL('./gst-rtsp-server.py', import.meta.url).pathname;
  const child = spawn(
    '/usr/bin/python3',
    [script, codec, file, ...(username ? [username] : []), ...(basic ? ['basic'] : [])],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  t.after(async () => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
  if (password !== undefined) child.stdin.write(`${password}\n`);
  for await (const line of createInterface({ input: child.stdout }))
    return { url: `rtsp://127.0.0.1:${line}/cam`, port: Number(line) };
  throw new Error(
    'GStreamer’s RTSP server did not start: apt-get install gir1.2-gst-rtsp-server-1.0 python3-gi gstreamer1.0-plugins-good gstreamer1.0-plugins-bad',
  );
}
