import assert from 'node:assert/strict';
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TrackFrame } from '@gatehouse/contracts';
import { scratchFolder } from '@gatehouse/harness';
import { startService } from './real-service.ts';

const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
const faketime = `/usr/lib/${machine}-linux-gnu/faketime/libfaketime.so.1`;
const skip = !existsSync(faketime) && 'needs the Debian package libfaketime';

const hourMs = 3_600_000;

test('the clock of a running vision service is set: frames go on without a jump and say the new time of day', {
  skip,
}, async (t) => {
  const offsetFile = join(scratchFolder(t), 'offset');
  /** Sets the wall clock of the service alone; libfaketime leaves the monotonic one as it is. */
  const setAhead = (offsetS: number) => {
    writeFileSync(`${offsetFile}.new`, `${offsetS < 0 ? '' : '+'}${offsetS}\n`);
    renameSync(`${offsetFile}.new`, offsetFile);
  };
  setAhead(-20 * 365 * 86_400);
  const service = await startService(t, {
    env: {
      LD_PRELOAD: faketime,
      FAKETIME_TIMESTAMP_FILE: offsetFile,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      DONT_FAKE_MONOTONIC: '1',
    },
  });
  const frames = service.trackFrames();
  const next = async (): Promise<TrackFrame> => {
    const { value, done } = await frames.next();
    assert.ok(!done && value);
    return value;
  };
  /** The first frame after a step of at least half an hour, and the one before it. */
  const acrossStep = async (from: TrackFrame) => {
    let before = from;
    for (;;) {
      const after = await next();
      const stepMs = (after.wallOffsetMs ?? 0) - (before.wallOffsetMs ?? 0);
      if (Math.abs(stepMs) > hourMs / 2) return { before, after };
      before = after;
    }
  };
  /** The time of a frame by its own words, against this process's clock: its way here counts as well. */
  const lateMs = ({ atMs, wallOffsetMs = 0 }: TrackFrame) => Date.now() - (atMs + wallOffsetMs);

  const first = await next();
  assert.equal(first.wallOffsetMs, 0);
  assert.ok(lateMs(first) > 19 * 365 * 86_400_000, 'it began with a wrong clock');
  let seen = first;
  for (const aheadS of [0, 3_600, -7_200]) {
    setAhead(aheadS);
    const { before, after } = await acrossStep(seen);
    seen = after;
    assert.ok(after.atMs > before.atMs, 'the timeline goes on');
    assert.ok(after.atMs - before.atMs < hourMs / 2, 'and did not step');
    const errorMs = lateMs(after) + aheadS * 1000;
    // A frame is analysed after it was taken; how long that takes is up to the machine.
    assert.ok(errorMs > -1_000 && errorMs < hourMs / 2, `${errorMs} ms`);
  }
  await frames.return(undefined);
});
