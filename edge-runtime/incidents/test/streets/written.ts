/** Parts of streets and findings written by hand, for the tests of the oracle itself. */
import type { Found } from '../scenes/oracle.ts';
import { onLane, parked, passing } from './makers.ts';
import { laneY, rowY, type Script } from './script.ts';
import { untoldIn } from './untold.ts';

const plain = {
  rule: 'illegal-parking',
  kind: 'written',
  fps: 5,
  endS: 200,
  dwellS: 60,
  clearS: 10,
  many: 2,
  actors: [],
  twoStates: [],
  doubles: [],
  silences: [],
  missShare: 0,
  lights: [],
  idChanges: [],
  swaps: [],
  pauses: [],
  passOn: 0,
  revives: false,
  jitter: 0,
  seed: 1,
} as const;

/** A street of a minute's dwell at 5 frames a second; nothing is in the way unless it is given. */
export function street(own: Partial<Omit<Script, 'untold'>>): Script {
  const script = { ...plain, ...own };
  return { ...script, untold: untoldIn(script) };
}

/** A car in the middle of the row. It comes and goes at one length a second. */
export function standing(arriveS: number, leaveS: number, look = 1, x = 0.5) {
  return parked({ look, x, arriveS, leaveS, comes: 1, goes: 1 });
}

/** Cars one every two seconds on the lane, at two lengths a second. */
export function stream(fromS: number, toS: number, look: (n: number) => number = (n) => n) {
  return Array.from({ length: Math.floor((toS - fromS) / 2) }, (_, n) => passing(look(n), fromS + 2 * n, 2));
}

/** A car on the lane that stands at places one after another. */
export function movingUp(look: number, stops: readonly { x: number; fromS: number; toS: number }[]) {
  return onLane(look, stops, 1, 1);
}

/**
 * The findings about one stay, in the row or on the lane: phases with their times, as in `opened 60, updated
 * 90 P1, cleared 121`. The priority is 2 unless it is given.
 */
export function told(at: 'row' | 'lane', x: number, text: string): Found[] {
  const y = at === 'row' ? rowY : laneY;
  return text.split(', ').map((one) => {
    const [phase = '', t, priority = 'P2'] = one.split(' ');
    return {
      phase,
      occupancy: `${at} ${x} ${text}`,
      priority: Number(priority.slice(1)),
      t: Number(t),
      x,
      y,
    };
  });
}
