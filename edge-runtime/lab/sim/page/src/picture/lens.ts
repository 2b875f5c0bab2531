import { Matrix4, PerspectiveCamera, Vector3 } from 'three';
import type { View } from '../../../world.ts';

/**
 * A camera without distortion that sees all that the distorted picture shows, and a little more for the sway.
 */
export interface Pinhole {
  readonly camera: PerspectiveCamera;
  readonly focalPx: number;
  /** Half extents of its picture, in focal lengths. */
  readonly reach: readonly [x: number, y: number];
  readonly widthPx: number;
  readonly heightPx: number;
}

const nearM = 0.2;
const farM = 700;

/** `detail` is pixels of the pinhole picture for one of the view's, in its middle. */
export function pinholeOf(view: View, detail = 1): Pinhole {
  const focalPx = view.heightPx / 2 / Math.tan(view.fovRad / 2);
  const half = [view.widthPx / 2 / focalPx, view.heightPx / 2 / focalPx] as const;
  const grow = 1 + view.distortion * (half[0] ** 2 + half[1] ** 2);
  const sway = view.shakePx > 0 ? 1 + (2 * view.shakePx + 2) / view.heightPx : 1;
  const reach = [half[0] * grow * sway, half[1] * grow * sway] as const;
  // Beyond this the corners are drawn coarser than the middle: they are squeezed by the lens anyway.
  const wide = Math.min(grow * sway, 1.45);
  const camera = new PerspectiveCamera();
  placeCamera(camera, view);
  camera.projectionMatrix.makePerspective(
    -reach[0] * nearM,
    reach[0] * nearM,
    reach[1] * nearM,
    -reach[1] * nearM,
    nearM,
    farM,
  );
  camera.projectionMatrixInverse.copy(camera.projectionMatrix).invert();
  return {
    camera,
    focalPx,
    reach,
    widthPx: Math.round(view.widthPx * wide * detail),
    heightPx: Math.round(view.heightPx * wide * detail),
  };
}

/** Turns the camera about its axis by the roll, its right side up for positive angles. */
function placeCamera(camera: PerspectiveCamera, { at, lookAt, rollRad }: View): void {
  const forward = new Vector3(...lookAt).sub(new Vector3(...at)).normalize();
  const level = forward
    .clone()
    .cross(new Vector3(0, 1, 0))
    .normalize();
  const upright = level.clone().cross(forward);
  const [c, s] = [Math.cos(rollRad), Math.sin(rollRad)];
  const right = level.clone().multiplyScalar(c).addScaledVector(upright, s);
  const up = upright.clone().multiplyScalar(c).addScaledVector(level, -s);
  camera.matrixAutoUpdate = false;
  camera.matrix.copy(new Matrix4().makeBasis(right, up, forward.clone().negate()).setPosition(...at));
  camera.matrixWorld.copy(camera.matrix);
  camera.matrixWorldInverse.copy(camera.matrix).invert();
  camera.matrixWorldAutoUpdate = false;
}

/** A part of the pinhole's picture, by its edges in focal lengths from the middle, upwards positive. */
export function partOf(
  pinhole: Pinhole,
  left: number,
  right: number,
  bottom: number,
  top: number,
): PerspectiveCamera {
  const camera = pinhole.camera.clone();
  camera.projectionMatrix.makePerspective(
    left * nearM,
    right * nearM,
    top * nearM,
    bottom * nearM,
    nearM,
    farM,
  );
  camera.projectionMatrixInverse.copy(camera.projectionMatrix).invert();
  camera.matrixAutoUpdate = false;
  camera.matrixWorldAutoUpdate = false;
  return camera;
}

/**
 * The lens shows a point at r' that a pinhole shows at radius r: r' with r = r' (1 + k r'^2), as a factor r'
 * / r.
 */
export function squeeze(r: number, k: number): number {
  if (k === 0 || r === 0) return 1;
  let seen = Math.min(r, 4);
  for (let i = 0; i < 30; i++) {
    const step = (seen + k * seen ** 3 - r) / (1 + 3 * k * seen * seen);
    seen -= step;
    if (Math.abs(step) < 1e-10) break;
  }
  return seen / r;
}
