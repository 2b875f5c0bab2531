import type { Ground, Space, View } from '../world.ts';

/**
 * A pinhole camera with radial distortion, ready to project. Axes are unit vectors: to the right, up and into
 * the picture.
 */
export interface Lens {
  readonly at: Space;
  readonly right: Space;
  readonly up: Space;
  readonly forward: Space;
  readonly focalPx: number;
  readonly middle: readonly [x: number, y: number];
  readonly distortion: number;
}

/** The camera of a view. Roll turns it about its axis, its right side up for positive angles. */
export function lensOf(view: View): Lens {
  const forward = unit(minus(view.lookAt, view.at));
  const level = unit(cross(forward, [0, 1, 0]));
  const upright = cross(level, forward);
  const [c, s] = [Math.cos(view.rollRad), Math.sin(view.rollRad)];
  return {
    at: view.at,
    right: plus(scaled(level, c), scaled(upright, s)),
    up: plus(scaled(upright, c), scaled(level, -s)),
    forward,
    focalPx: view.heightPx / 2 / Math.tan(view.fovRad / 2),
    middle: [view.widthPx / 2, view.heightPx / 2],
    distortion: view.distortion,
  };
}

export interface Projected {
  /** Pixels from the picture's upper left corner; may lie outside it. */
  readonly x: number;
  readonly y: number;
  /** Distance along the camera's axis in metres; below 0 behind it, where x and y mean nothing. */
  readonly depthM: number;
}

/** The place in the picture where a point in space is seen. */
export function project(lens: Lens, point: Space): Projected {
  const from = minus(point, lens.at);
  const depthM = dot(from, lens.forward);
  const x = dot(from, lens.right) / depthM;
  const y = -dot(from, lens.up) / depthM;
  const shrink = distorted(Math.hypot(x, y), lens.distortion);
  return {
    x: lens.middle[0] + lens.focalPx * x * shrink,
    y: lens.middle[1] + lens.focalPx * y * shrink,
    depthM,
  };
}

/** The ground point seen at a pixel, or `undefined` above the horizon. */
export function groundAt(lens: Lens, xPx: number, yPx: number): Ground | undefined {
  const xd = (xPx - lens.middle[0]) / lens.focalPx;
  const yd = (yPx - lens.middle[1]) / lens.focalPx;
  const grow = 1 + lens.distortion * (xd * xd + yd * yd);
  const ray = plus(lens.forward, plus(scaled(lens.right, xd * grow), scaled(lens.up, -yd * grow)));
  if (ray[1] >= -1e-6) return undefined;
  const t = -lens.at[1] / ray[1];
  return [lens.at[0] + t * ray[0], lens.at[2] + t * ray[2]];
}

/**
 * r' / r of r = r' (1 + k r'^2), by Newton's method; the left side rises with r', so it converges from above.
 */
function distorted(r: number, k: number): number {
  if (k === 0 || r === 0) return 1;
  let seen = r;
  for (let i = 0; i < 20; i++) {
    const step = (seen + k * seen ** 3 - r) / (1 + 3 * k * seen * seen);
    seen -= step;
    if (Math.abs(step) < 1e-12) break;
  }
  return seen / r;
}

function minus(a: Space, b: Space): Space {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}

function plus(a: Space, b: Space): Space {
  return [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
}

function scaled(a: Space, by: number): Space {
  return [a[0] * by, a[1] * by, a[2] * by];
}

function dot(a: Space, b: Space): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function cross(a: Space, b: Space): Space {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function unit(a: Space): Space {
  return scaled(a, 1 / Math.hypot(...a));
}
