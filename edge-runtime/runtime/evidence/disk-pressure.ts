import { statfsSync } from 'node:fs';
import { type HealthFault, healthFault, type StoreSettings } from '@gatehouse/contracts';
import { type Clock, every, type Log, type Part } from '@gatehouse/kit';

/**
 * The kinds of evidence that are still kept: clips, stills and the event; stills and the event; the event.
 */
export type EvidenceLevel = 'clips' | 'stills' | 'events';

const lookMs = 5_000;
const gibibyte = 1024 ** 3;
/** A level returns only when this much more is free than at its loss, so that it does not flap. */
const comeBack = 1.2;
/** On a small disk the bounds are shares of it: a tenth for clips, a twentieth for stills. */
const smallDisk = { clips: 1 / 10, stills: 1 / 20 };

export interface DiskPressureOptions {
  readonly folder: string;
  readonly bounds: StoreSettings['pauseMedia'];
  readonly clock: Clock;
  readonly log: Log;
  /** Bytes free and in all; only a test gives another. */
  readonly measure?: (folder: string) => { readonly free: number; readonly total: number };
}

/**
 * Under disk pressure clips are given up first, then stills; events never are. Evidence on the disk
 * is not touched: it has its term. New evidence is recorded at the level that the disk allows.
 */
export class DiskPressure implements Part {
  readonly #options: DiskPressureOptions;
  #level: EvidenceLevel = 'clips';
  #freeBytes = 0;
  #stop: () => void = () => undefined;
  constructor(options: DiskPressureOptions) {
    this.#options = options;
  }
  start(): void {
    this.#look();
    this.#stop = every(this.#options.clock, lookMs, () => this.#look());
  }
  stop(): void {
    this.#stop();
  }

  allows(what: 'clips' | 'stills'): boolean {
    return this.#level === 'clips' || this.#level === what;
  }
  health(): HealthFault[] {
    if (this.#level === 'clips') return [];
    const free = (this.#freeBytes / gibibyte).toFixed(2);
    const { folder } = this.#options;
    return [
      healthFault('records', this.#level === 'stills' ? 'DISK_LOW' : 'DISK_LOW/stills', { free, folder }),
    ];
  }

  #look(): void {
    const { folder, log, measure = measureDisk } = this.#options;
    const { free, total } = measure(folder);
    const next = this.#levelFor(free, total);
    this.#freeBytes = free;
    if (next === this.#level) return;
    this.#level = next;
    log.warn('evidence-level', { level: next, freeBytes: free });
  }

  #levelFor(free: number, total: number): EvidenceLevel {
    const { clipsBelowGiB, stillsBelowGiB } = this.#options.bounds;
    const clips = Math.min(clipsBelowGiB * gibibyte, total * smallDisk.clips);
    const stills = Math.min(stillsBelowGiB * gibibyte, total * smallDisk.stills);
    const has = (bound: number, now: boolean) => free >= (now ? bound : bound * comeBack);
    if (!has(stills, this.#level !== 'events')) return 'events';
    return has(clips, this.#level === 'clips') ? 'clips' : 'stills';
  }
}

function measureDisk(folder: string): { free: number; total: number } {
  const { bavail, blocks, bsize } = statfsSync(folder);
  return { free: bavail * bsize, total: blocks * bsize };
}
