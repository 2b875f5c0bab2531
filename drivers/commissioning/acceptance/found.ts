import type { LocalName, Site } from '@gatehouse/contracts';
import type { Clock } from '@gatehouse/kit';
import type { Hands, Seen } from './hands.ts';
import type { Peer } from './peer.ts';
import type { Measure } from './record.ts';

export interface AcceptanceOptions {
  readonly site: Site;
  readonly peer: Peer;
  readonly hands: Hands;
  readonly clock: Clock;
  /** The process of the drivers service under test. */
  readonly driversPid?: number | undefined;
}

/** The finding of one step of the acceptance. */
export interface Found {
  readonly reason?: string;
  readonly measures?: readonly (Measure | undefined)[];
  readonly seen?: Seen;
  readonly read?: LocalName;
  /** Nobody could do what was needed. */
  readonly untried?: boolean;
}
