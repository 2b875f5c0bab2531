import type { Site } from '@gatehouse/contracts';
import type { ClockSync } from '@gatehouse/kit';

/**
 * Whether an absolute expiry from outside means anything here: somebody must be known to keep the clock right. A plausible date is no
 * sign of that: a box that was off for a day shows one, too.
 */
export function clockTrust(
  { clock }: Pick<Site, 'clock'>,
  sync: Pick<ClockSync, 'synchronised'>,
): () => boolean {
  return () => clock.keptBy === 'elsewhere' || sync.synchronised() === true;
}
