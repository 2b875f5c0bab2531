import type { CommandOrigin, DeviceAction, Permissions } from '@gatehouse/contracts';

type Origin = keyof Permissions;

/** How much of a minute's commands may come at once. */
const burstShare = 1 / 3;

interface Bucket {
  level: number;
  atMs: number;
  refusing: boolean;
}

/**
 * Commands a minute for each origin (drop policy: refuse-newest, nothing is queued). Stops are counted apart, so that no flood
 * of anything else keeps a person from stopping an arm.
 */
export class RateLimit {
  readonly #permissions: Permissions;
  readonly #buckets = new Map<string, Bucket>();

  constructor(permissions: Permissions) {
    this.#permissions = permissions;
  }

  /** `first` is the refusal that begins a flood: it is worth an entry in the audit, the others are not. */
  take(channel: Origin, action: DeviceAction, nowMs: number): 'taken' | 'first' | 'refused' {
    const { perMinute } = this.#permissions[channel];
    const most = Math.max(1, perMinute * burstShare);
    const key = `${channel}/${action === 'stop' ? 'stop' : 'others'}`;
    const bucket = this.#buckets.get(key) ?? { level: most, atMs: nowMs, refusing: false };
    this.#buckets.set(key, bucket);
    bucket.level = Math.min(most, bucket.level + ((nowMs - bucket.atMs) * perMinute) / 60_000);
    bucket.atMs = nowMs;
    if (bucket.level >= 1) {
      bucket.level--;
      bucket.refusing = false;
      return 'taken';
    }
    const first = !bucket.refusing;
    bucket.refusing = true;
    return first ? 'first' : 'refused';
  }
}

/** The box itself, when it raises an arm or opens in a fire, asks nobody. */
export function isLimited(channel: CommandOrigin['channel']): channel is Origin {
  return channel !== 'box';
}
