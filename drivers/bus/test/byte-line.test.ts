import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '@gatehouse/harness';
import { PtyPair } from '../../simulators/pty-pair.ts';
import { lineTo } from '../byte-line.ts';

/** Pulled that often: a hang-up that meets a read in progress is the rare one. */
const pulls = 20;

test('an adapter that is pulled while bytes pour in is told as closed every time', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'gh-line-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'line');
  for (let pull = 0; pull < pulls; pull++) {
    const cable = new PtyPair(path);
    await cable.start();
    const far = await open(cable.farPath, 'r+');
    const line = lineTo({ path, baudRate: 115_200, parity: 'none', stopBits: 1 });
    let [bytes, closed] = [0, false];
    line.onData((chunk) => {
      bytes += chunk.length;
    });
    line.onClose(() => {
      closed = true;
    });
    await line.open();
    let pouring = true;
    const pour = (async () => {
      // The far end ends in an error when the cable is pulled.
      while (pouring) await far.write(Buffer.alloc(64, pull)).catch(() => undefined);
    })();
    try {
      await until('bytes come', () => bytes > 200);
      await cable.stop();
      await until('the line is closed', () => closed);
    } finally {
      pouring = false;
      await cable.stop();
      await pour;
      await line.close();
      await far.close();
    }
  }
});
