/** The live half of the vision bench: CPU of the whole running service over a stretch of one RTSP camera. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LocalClient, readEventStream, socketPath } from '@gatehouse/kit';

/** User + system ticks of a process tree, with the children that its members have waited for; proc(5). */
function treeCpuSeconds(root: number): number {
  const stats = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        const ticks = fields.slice(11, 15).reduce((sum, value) => sum + Number(value), 0);
        return [{ pid: Number(pid), parent: Number(fields[1]), ticks }];
      } catch (error) {
        if (error instanceof Error && 'code' in error) return []; // it has ended since the listing
        throw error;
      }
    });
  return (
    stats.filter(({ pid, parent }) => pid === root || parent === root).reduce((s, p) => s + p.ticks, 0) / 100
  );
}

/** Runs the service against one camera; CPU-seconds and analysed frames between a settled start and `seconds` later. */
export async function liveRun(
  folder: string,
  url: string,
  fps: number,
  seconds: number,
): Promise<{ cpuSeconds: number; frames: number }> {
  const site = join(folder, 'site.yaml');
  const name = '{zh-CN: 测试, en: bench}';
  writeFileSync(
    site,
    `version: 1\nsite: {id: bench, name: ${name}}\nbox: {id: bench}\ncameras:\n  - {id: gate, name: ${name}, url: "${url}", analysis: {fps: ${fps}}}\n`,
  );
  const env = { ...process.env, GATEHOUSE_SITE: site, GATEHOUSE_STATE_DIR: folder };
  const main = join(import.meta.dirname, '../vision/main.ts');
  const service = spawn(process.execPath, [main], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  try {
    const client = new LocalClient('vision', socketPath('vision', 'runtime', env));
    const events = await connected(client);
    let frames = 0;
    const counting = (async () => {
      for await (const { event } of readEventStream(events)) if (event === 'track-frame') frames++;
    })();
    while (frames < 10) await delay(100);
    const [cpu, count] = [treeCpuSeconds(service.pid ?? 0), frames];
    await delay(seconds * 1000);
    const outcome = { cpuSeconds: treeCpuSeconds(service.pid ?? 0) - cpu, frames: frames - count };
    events.destroy();
    await counting.catch(() => undefined);
    return outcome;
  } finally {
    service.kill('SIGTERM');
    await once(service, 'exit');
  }
}

async function connected(client: LocalClient) {
  for (let tries = 0; ; tries++) {
    try {
      return await client.open('GET', '/events');
    } catch (error) {
      if (tries > 100) throw error;
      await delay(100);
    }
  }
}
