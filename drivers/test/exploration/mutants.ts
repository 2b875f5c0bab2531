import { productRules, type Rules } from './system.ts';

/** One rule made wrong, where it must show, and as what. */
export interface Mutant {
  readonly rules: Partial<Rules>;
  readonly scenario: string;
  readonly violates: readonly string[];
}

const { admission, doorstep, refusal, stepBarrier, interlockRefusal, stepFireLatch, afterCrash } =
  productRules;

export const mutants: Readonly<Record<string, Mutant>> = {
  'an occupied loop is no reason not to lower': {
    rules: { refusal: without('LOOP_OCCUPIED') },
    scenario: 'an arm that comes down',
    violates: ['lowering'],
  },
  'a faulty loop detector is no reason not to lower': {
    rules: { refusal: without('LOOP_FAULT') },
    scenario: 'an arm that comes down',
    violates: ['lowering'],
  },
  'an old reading of the loop is good enough': {
    rules: { doorstep: (now) => doorstep({ ...now, contactsAgeMs: 0 }) },
    scenario: 'an arm that comes down',
    violates: ['lowering'],
  },
  'a lost board is no reason not to lower': {
    rules: {
      doorstep: (now) => doorstep({ ...now, reachable: true, contactsAgeMs: 0, refusal: undefined }),
    },
    scenario: 'barrier',
    violates: ['lowering', 'unread'],
  },
  'nothing raises an arm': {
    rules: { mustRaise: () => false },
    scenario: 'an arm that comes down',
    violates: ['reflex'],
  },
  'a faulty detector does not raise': {
    rules: { mustRaise: ({ downSinceMs, contacts }) => downSinceMs !== undefined && contacts.loop === true },
    scenario: 'an arm that comes down',
    violates: ['reflex'],
  },
  'an order to rise that nobody answered counts as done': {
    rules: {
      stepBarrier: (spec, state, input, nowMs) => {
        const next = stepBarrier(spec, state, input, nowMs);
        return input.type === 'ordered' && input.order !== 'close'
          ? { ...next, downSinceMs: undefined }
          : next;
      },
    },
    scenario: 'an arm that comes down',
    violates: ['reflex'],
  },
  'a lowering is forgotten in a crash': {
    rules: {
      stepBarrier: (spec, state, input, nowMs) =>
        input.type === 'interrupted' ? state : stepBarrier(spec, state, input, nowMs),
    },
    scenario: 'an arm that comes down',
    violates: ['reflex'],
  },
  'a gate with one button is opened wherever it stands': {
    rules: { refusal: without('NOT_CLOSED') },
    scenario: 'a gate with one button',
    violates: ['step'],
  },
  'where a gate with one button stands is not looked at right before': {
    rules: { looksFirst: () => undefined },
    scenario: 'a gate with one button',
    violates: ['step'],
  },
  'a gate with one button is pressed twice before it moves': {
    rules: { refusal: without('ON_ITS_WAY') },
    scenario: 'a gate with one button',
    violates: ['step'],
  },
  'a gate with one button that closes onto something is pressed again': {
    rules: { hasReflex: () => true },
    scenario: 'a gate with one button that stands open',
    violates: ['step'],
  },
  'a gate with one button is held open in a fire': {
    rules: { opensOnFire: () => true },
    scenario: 'a gate with one button',
    violates: ['step'],
  },
  'a late command is carried out': {
    rules: {
      doorstep: (now) => doorstep({ ...now, expiresEpochMs: 1e12, expiresMonotonicMs: 1e12 }),
    },
    scenario: 'one command after another',
    violates: ['expired'],
  },
  'a command is journalled when it has ended only': {
    rules: { journalsFirst: false },
    scenario: 'one command after another',
    violates: ['once', 'explained', 'expired'],
  },
  'what was executing in a crash is told not to have been done': {
    rules: { afterCrash: (outcome, at) => ({ ...afterCrash(outcome, at), state: 'rejected' }) },
    scenario: 'one command after another',
    violates: ['explained'],
  },
  'an older command is carried out behind a newer one': {
    rules: { supersedes: false },
    scenario: 'one command after another',
    violates: ['newest', 'explained'],
  },
  'everybody may do everything': {
    rules: {
      admission: (command, now) =>
        admission({ ...command, origin: { ...command.origin, channel: 'console' } }, now),
    },
    scenario: 'lease',
    violates: ['permission'],
  },
  'a fire alarm does not keep an arm from being lowered': {
    rules: {
      refusal: (spec, now, action) => refusal(spec, { ...now, fireLatched: false, held: undefined }, action),
    },
    scenario: 'barrier in a fire',
    violates: ['fire'],
  },
  'a fire alarm ends with its signal': {
    rules: {
      stepFireLatch: (latch, input) => {
        const next = stepFireLatch(latch, input);
        return input.type === 'input' && input.is === 'normal' ? { ...next, setBy: [] } : next;
      },
    },
    scenario: 'lease',
    violates: ['fire'],
  },
  'a fire alarm is reset while its signal is lost': {
    rules: {
      resetRefusal: ({ inputs }) =>
        Object.values(inputs).includes('active') ? 'FIRE_STILL_ACTIVE' : undefined,
      stepFireLatch: (latch, input) =>
        input.type === 'reset' ? { ...latch, setBy: [] } : stepFireLatch(latch, input),
    },
    scenario: 'barrier in a fire',
    violates: ['fire'],
  },
  'an interlock looks at open doors only': {
    rules: {
      interlockRefusal: (door, members) =>
        members.some(({ id, position }) => id !== door && position === 'open') ? 'INTERLOCKED' : undefined,
    },
    scenario: 'interlock',
    violates: ['interlock'],
  },
  'an interlock forgets a door that is unlocked': {
    rules: {
      interlockRefusal: (door, members) =>
        interlockRefusal(
          door,
          members.map((member) => ({ ...member, unlocked: false })),
        ),
    },
    scenario: 'interlock',
    violates: ['interlock'],
  },
  'an interlock asks when a command comes, not when it goes out': {
    rules: { doorstep: (now) => doorstep({ ...now, refusal: undefined }) },
    scenario: 'interlock',
    violates: ['interlock'],
  },
  'a lease has no end after a restart': {
    rules: { resumed: (_until, _max, now) => ({ untilEpochMs: 1e12, untilMs: now.monotonicMs + 1e9 }) },
    scenario: 'a lease over a restart',
    violates: ['lease'],
  },
};

/** A safety rule that never gives this reason. */
function without(reason: string): Rules['refusal'] {
  return (spec, now, action) => {
    const found = refusal(spec, now, action);
    return found === reason ? undefined : found;
  };
}
