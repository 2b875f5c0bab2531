import { type FireReset, type FireState, maxCommandLifeMs, type Permissions } from '@gatehouse/contracts';
import { type Clock, GatehouseError, isoWithOffset } from '@gatehouse/kit';
import type { Surroundings } from '../devices/surroundings.ts';
import type { Journal } from '../journal/journal.ts';

export interface FireResetsOptions {
  readonly surroundings: Surroundings;
  readonly permissions: Permissions;
  readonly clock: Clock;
  readonly journal: Journal;
}

/** The one way to reset the fire latch: a person at the box, who has the permission, now. */
export class FireResets {
  readonly #options: FireResetsOptions;
  constructor(options: FireResetsOptions) {
    this.#options = options;
  }

  get state(): FireState {
    return this.#options.surroundings.fire;
  }

  /** Throws `NOT_PERMITTED`, `COMMAND_EXPIRED`, `FIRE_STILL_ACTIVE`, `FIRE_INPUT_UNKNOWN` or `JOURNAL_*`; then it stays latched. */
  reset({ origin, expiresAt, requestId }: FireReset): FireState {
    const { surroundings, permissions, clock, journal } = this.#options;
    const { channel, user } = origin;
    const local = channel === 'console' || channel === 'cli';
    if (!local || !permissions[channel].resetFire) {
      const at = isoWithOffset(clock.epochMs());
      const facts = { action: 'reset-fire', reason: 'NOT_PERMITTED', requestId };
      void journal.keep({ fact: 'entry', entry: { at, what: 'refused', origin, facts } });
      throw new GatehouseError(
        'NOT_PERMITTED',
        'input',
        `${channel} may not reset the fire latch.`,
        'Reset it at the box, as somebody whom the site file permits it.',
      );
    }
    const lifeMs = Date.parse(expiresAt) - clock.epochMs();
    if (lifeMs <= 0 || lifeMs > maxCommandLifeMs)
      throw new GatehouseError(
        'COMMAND_EXPIRED',
        'input',
        'the reset is not from now.',
        'Look whether the fire is over, and reset again.',
      );
    return surroundings.reset({ channel, user });
  }
}
