import type { Box } from '@gatehouse/contracts';

/**
 * One coordinate of a box under a constant-velocity model: position, velocity (per second) and their
 * covariance. Four independent ones (centre x, centre y, width, height) make a box, as in SORT and ByteTrack,
 * but with noise stated per second instead of per frame, so that the filter behaves alike at 1 and at 25
 * frames a second.
 */
interface Axis {
  readonly position: number;
  readonly velocity: number;
  readonly varPosition: number;
  readonly covariance: number;
  readonly varVelocity: number;
}

/** A box in motion. Immutable: `predict` and `correct` give a new one. */
export interface Motion {
  readonly cx: Axis;
  readonly cy: Axis;
  readonly width: Axis;
  readonly height: Axis;
}

/**
 * Detector noise of one coordinate: standard deviation as a part of the box's size (ByteTrack: 1/20 of the
 * height).
 */
const measurementSd = 1 / 20;
/**
 * Acceleration a vehicle may show: standard deviation in box sizes a second squared (braking from 30 km/h
 * fits).
 */
const accelerationSd = 1;
/** First guess of the velocity's standard deviation, box sizes a second. */
const firstVelocitySd = 2;
/**
 * Without a measurement the velocity fades with this time constant: what is hidden has more often stopped
 * than sped up.
 */
const fadeS = 1;

/**
 * A box (0 to 1 of the picture, like all boxes here) seen for the first time: standing, and any velocity
 * believable.
 */
export function startMotion(box: Box): Motion {
  const { cx, cy, width, height } = coordinates(box);
  const start = (position: number, size: number): Axis => ({
    position,
    velocity: 0,
    varPosition: (measurementSd * size) ** 2,
    covariance: 0,
    varVelocity: (firstVelocitySd * size) ** 2,
  });
  return {
    cx: start(cx, width),
    cy: start(cy, height),
    width: start(width, width),
    height: start(height, height),
  };
}

/** Moves the box `dtS` seconds on; `coasting` lets the velocity fade. */
export function predict(motion: Motion, dtS: number, coasting: boolean): Motion {
  const keep = coasting ? Math.exp(-dtS / fadeS) : 1;
  const w = Math.abs(motion.width.position);
  const h = Math.abs(motion.height.position);
  const move = (a: Axis, size: number): Axis => {
    const q = (accelerationSd * size) ** 2;
    return {
      position: a.position + a.velocity * dtS * (coasting ? (1 + keep) / 2 : 1),
      velocity: a.velocity * keep,
      varPosition:
        a.varPosition + 2 * dtS * a.covariance + dtS ** 2 * a.varVelocity + (q * Math.min(dtS, 1) ** 4) / 4,
      covariance: a.covariance + dtS * a.varVelocity + (q * Math.min(dtS, 1) ** 3) / 2,
      varVelocity: a.varVelocity + q * Math.min(dtS, 1) ** 2,
    };
  };
  return {
    cx: move(motion.cx, w),
    cy: move(motion.cy, h),
    width: move(motion.width, w),
    height: move(motion.height, h),
  };
}

/** Takes a measured box in. */
export function correct(motion: Motion, box: Box): Motion {
  const measured = coordinates(box);
  const take = (a: Axis, z: number, size: number): Axis => {
    const s = a.varPosition + (measurementSd * size) ** 2;
    const gainPosition = a.varPosition / s;
    const gainVelocity = a.covariance / s;
    const innovation = z - a.position;
    return {
      position: a.position + gainPosition * innovation,
      velocity: a.velocity + gainVelocity * innovation,
      varPosition: (1 - gainPosition) * a.varPosition,
      covariance: (1 - gainPosition) * a.covariance,
      varVelocity: a.varVelocity - gainVelocity * a.covariance,
    };
  };
  return {
    cx: take(motion.cx, measured.cx, measured.width),
    cy: take(motion.cy, measured.cy, measured.height),
    width: take(motion.width, measured.width, measured.width),
    height: take(motion.height, measured.height, measured.height),
  };
}

/**
 * The box as fractions of the picture, cut at its edges; `undefined` once nothing of it is inside any more.
 */
export function boxOf(motion: Motion): Box | undefined {
  const { cx, cy, width, height } = motion;
  const cut = (v: number) => Math.min(1, Math.max(0, v));
  const box = {
    x1: cut(cx.position - width.position / 2),
    y1: cut(cy.position - height.position / 2),
    x2: cut(cx.position + width.position / 2),
    y2: cut(cy.position + height.position / 2),
  };
  return box.x1 < box.x2 && box.y1 < box.y2 ? box : undefined;
}

/** How well a measured box fits where a box in motion is expected to be. */
export interface Fit {
  /**
   * Squared distance of the centres in standard deviations (Mahalanobis): above 9.2 only one in a hundred
   * right pairs.
   */
  readonly distance: number;
  /**
   * Logarithm of how likely it is there, up to a constant, in box sizes: a sharp expectation that is met
   * beats a vague one.
   */
  readonly likelihood: number;
}

/** Compares a measured box with an expected one by the places of their centres. */
export function fit(motion: Motion, box: Box): Fit {
  const { cx, cy, width, height } = coordinates(box);
  const off = (a: Axis, z: number, size: number) => {
    const variance = a.varPosition + (measurementSd * size) ** 2;
    return { squared: (z - a.position) ** 2 / variance, spread: Math.sqrt(variance) / size };
  };
  const x = off(motion.cx, cx, width);
  const y = off(motion.cy, cy, height);
  const distance = x.squared + y.squared;
  return { distance, likelihood: -distance / 2 - Math.log(x.spread * y.spread) };
}

function coordinates(box: Box) {
  return {
    cx: (box.x1 + box.x2) / 2,
    cy: (box.y1 + box.y2) / 2,
    width: box.x2 - box.x1,
    height: box.y2 - box.y1,
  };
}
