import { execFileSync } from 'node:child_process';
import { existsSync, renameSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Random, seededRandom, systemCode } from '@gatehouse/kit';
import { Chain, type Victim } from './chain.ts';
import type { Balance } from './oracle.ts';
import { ackCutter, shuffler, startProxy } from './proxy.ts';

export interface CellResult extends Balance {
  readonly kills: number;
}
/**
 * Runs one cell; `kills` is the caller's limit, where the cell kills at all. Returns the reason if it cannot
 * run here.
 */
export type Cell = (seed: number, kills: number) => Promise<CellResult | string>;

/** SIGKILL at random points while events flow. */
export function killed(victim: Victim): Cell {
  return (seed, kills) =>
    inChain({}, async (chain) => {
      const random = seededRandom(seed);
      for (let kill = 0; kill < kills; kill++) {
        await chain.progress(90_000);
        await wait(random() * 400);
        await chain.kill(victim);
        await wait(random() * 200);
        await chain.restart(victim);
      }
      return kills;
    });
}

/** Gone for 4 s, and back. */
export function down(victim: Victim): Cell {
  return () =>
    inChain({}, async (chain) => {
      await chain.kill(victim);
      await wait(4000);
      await chain.restart(victim);
      await chain.progress(60_000);
      return 1;
    });
}

/** The broker dies when it has read half of an acknowledgement that the platform publishes. */
export const killedMidAck: Cell = async (seed, kills) => {
  const random = seededRandom(seed);
  const cut = { left: 0 };
  let dying: Promise<void> = Promise.resolve();
  const chain: Chain = new Chain({
    receiverPort: async (broker) => {
      const die = () => {
        dying = chain.kill('broker');
      };
      return (await startProxy(broker, () => ({ up: ackCutter(cut, die) }))).port;
    },
  });
  return run(chain, async () => {
    for (let kill = 0; kill < kills; kill++) {
      await chain.progress(90_000);
      cut.left = 1 + Math.floor(random() * 10);
      for (let leftMs = 60_000; cut.left > 0 && leftMs > 0; leftMs -= 20) await wait(20);
      await dying;
      await chain.restart('broker');
    }
    return kills;
  });
};

/** On the way to the receiver publishes are shuffled, and every third comes twice. */
export const shuffled: Cell = (seed) => {
  const random: Random = seededRandom(seed);
  const receiverPort = async (broker: number) =>
    (await startProxy(broker, () => ({ down: shuffler(random) }))).port;
  return inChain({ receiverPort }, async () => {
    await wait(8000);
    return 0;
  });
};

/** The disk of the platform or of the box (a tmpfs of 24 MiB) is full for 5 s. */
export function diskFull(whose: 'box' | 'platform'): Cell {
  return async () => {
    const chain = new Chain();
    const folder = whose === 'box' ? chain.boxFolder : chain.platformFolder;
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'none', folder], { stdio: 'pipe' });
    } catch {
      chain.cleanUp();
      return 'not run: mounting a tmpfs needs root';
    }
    const ballast = join(folder, 'ballast');
    try {
      return await run(
        chain,
        async () => {
          const { bavail, bsize } = statfsSync(folder);
          fill(ballast, bavail * bsize);
          await wait(5000);
          rmSync(ballast);
          await chain.progress(60_000);
          return 0;
        },
        false,
      );
    } finally {
      execFileSync('umount', [folder]);
      chain.cleanUp();
    }
  };
}

/** Others write meanwhile. No room left for the last bytes is the wanted state. */
function fill(file: string, bytes: number): void {
  try {
    writeFileSync(file, Buffer.alloc(bytes));
  } catch (error) {
    if (systemCode(error) !== 'ENOSPC') throw error;
  }
}

const faketime = `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/faketime/libfaketime.so.1`;

/**
 * The wall clock of box and platform jumps a day forward, then two back; libfaketime leaves the monotonic
 * clock alone.
 */
export const clockStepped: Cell = async () => {
  if (!existsSync(faketime)) return 'not run: needs the Debian package libfaketime';
  const offset = join(process.env.TMPDIR ?? '/tmp', `gh-lm-clock-${process.pid}`);
  const set = (text: string) => {
    writeFileSync(`${offset}.new`, `${text}\n`);
    renameSync(`${offset}.new`, offset);
  };
  set('+0');
  const env = {
    LD_PRELOAD: faketime,
    FAKETIME_TIMESTAMP_FILE: offset,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    DONT_FAKE_MONOTONIC: '1',
  };
  try {
    return await inChain({ env }, async (chain) => {
      for (const step of ['+1d', '-1d', '+0']) {
        set(step);
        await wait(2500);
        await chain.progress(60_000);
      }
      return 0;
    });
  } finally {
    rmSync(offset, { force: true });
  }
};

/**
 * The matrix: name, cell, kills a chain. A chain of its own for each few broker kills keeps its back-off
 * short.
 */
export const cells: readonly (readonly [name: string, cell: Cell, killsPerChain: number, share: number])[] = [
  ['runtime killed -9', killed('runtime'), 8, 0.14],
  ['sync killed -9', killed('sync'), 12, 0.33],
  ['receiver killed -9', killed('receiver'), 12, 0.33],
  ['broker killed -9', killed('broker'), 5, 0.1],
  ['broker killed -9 mid-acknowledge', killedMidAck, 5, 0.1],
  ['broker down', down('broker'), 0, 0],
  ['receiver down', down('receiver'), 0, 0],
  ['disk of the box full', diskFull('box'), 0, 0],
  ['disk of the platform full', diskFull('platform'), 0, 0],
  ['clock stepped by a day', clockStepped, 0, 0],
  ['delivered out of order and twice', shuffled, 0, 0],
];

function inChain(
  options: ConstructorParameters<typeof Chain>[0],
  act: (chain: Chain) => Promise<number>,
): Promise<CellResult> {
  const chain = new Chain(options);
  return run(chain, () => act(chain));
}

async function run(chain: Chain, act: () => Promise<number>, cleanUp = true): Promise<CellResult> {
  try {
    await chain.start();
    const kills = await act();
    return { ...(await chain.finish()), kills };
  } finally {
    await chain.stop();
    if (cleanUp) chain.cleanUp();
  }
}
