import { Matrix4, Vector3 } from 'three';
import type { ActorKind, Pose } from '../../../world.ts';
import { joints, limbCount, limbs } from '../shapes/person.ts';
import { saddles } from '../shapes/two-wheelers.ts';
import { axlesOf } from '../shapes/vehicles.ts';

/** Angles in radians, forwards positive, of the right and of the left side. */
interface Stance {
  readonly hipY: number;
  readonly lean: number;
  readonly thigh: readonly [number, number];
  readonly knee: readonly [number, number];
  readonly arm: readonly [number, number];
  readonly elbow: readonly [number, number];
}

/** Metres that a pair of steps covers. */
const strideM = 1.35;

/** A person's bearing, by posture, speed and the distance walked. */
function stanceOf(pose: Pose, rider: boolean): Stance {
  if (rider)
    return {
      hipY: 0.8,
      lean: -0.12,
      thigh: [1.2, 1.25],
      knee: [-1.25, -1.3],
      arm: [0.85, 0.85],
      elbow: [0.35, 0.35],
    };
  if (pose.posture === 'sitting')
    return {
      hipY: 0.47,
      lean: -0.02,
      thigh: [1.45, 1.5],
      knee: [-1.45, -1.5],
      arm: [0.45, 0.5],
      elbow: [0.8, 0.7],
    };
  if (pose.posture === 'crouching')
    return {
      hipY: 0.36,
      lean: -0.45,
      thigh: [1.75, 1.5],
      knee: [-2.25, -2.0],
      arm: [0.7, 0.9],
      elbow: [0.5, 0.4],
    };
  const pace = Math.min(1, Math.abs(pose.speedMps) / 1.3);
  const phase = (2 * Math.PI * pose.travelledM) / strideM;
  const swing = (0.48 + 0.12 * Math.min(1, Math.max(0, pose.speedMps - 1.6))) * pace;
  const [s, c] = [Math.sin(phase), Math.cos(phase)];
  const bend = (side: number, ahead: number) => -(0.08 + 0.75 * pace * Math.max(0, side * ahead * 0.9 + 0.1));
  const idle = 0.06 * (1 - pace);
  return {
    hipY: joints.hipY - 0.035 * pace * s * s,
    lean: -0.05 * pace,
    thigh: [swing * s + idle, -swing * s - idle],
    knee: [bend(1, c), bend(-1, c)],
    arm: [-swing * 0.8 * s, swing * 0.8 * s],
    elbow: [0.25 + 0.2 * pace, 0.25 + 0.2 * pace],
  };
}

const scratch = new Matrix4();

/** A turn about a joint's sideways axis. */
function about(x: number, y: number, z: number, angle: number): Matrix4 {
  return new Matrix4()
    .makeTranslation(x, y, z)
    .multiply(scratch.makeRotationZ(angle))
    .multiply(new Matrix4().makeTranslation(-x, -y, -z));
}

/** An actor's place: shapes look along x, headings turn from x to z. */
function placed(pose: Pose, scale: number): Matrix4 {
  return new Matrix4()
    .makeTranslation(pose.at[0], pose.liftM ?? 0, pose.at[1])
    .multiply(scratch.makeRotationY(-pose.headingRad))
    .multiply(new Matrix4().makeScale(scale, scale, scale));
}

/** The matrices of somebody's limbs. `seat` puts a rider's hips there, in the vehicle's own space. */
export function limbMatrices(
  pose: Pose,
  stature: number,
  seat?: { readonly x: number; readonly y: number },
  carrying = false,
): Matrix4[] {
  const stance = stanceOf(pose, seat !== undefined);
  const root = placed(pose, 1);
  if (seat) root.multiply(new Matrix4().makeTranslation(seat.x, seat.y + 0.06 - joints.hipY * stature, 0));
  else root.multiply(new Matrix4().makeTranslation(0, (stance.hipY - joints.hipY) * stature, 0));
  root.multiply(new Matrix4().makeScale(stature, stature, stature));
  const body = root.clone().multiply(about(0, joints.hipY, 0, stance.lean));
  const list = Array.from({ length: limbCount }, () => body);
  const limb = (upper: number, lower: number, at: Vector3, lowerY: number, turn: number, bend: number) => {
    const first = (at.y > 1 ? body : root).clone().multiply(about(at.x, at.y, at.z, turn));
    list[upper] = first;
    list[lower] = first.clone().multiply(about(at.x, lowerY, at.z, bend));
  };
  const arm = carrying ? ([0.75, stance.arm[1]] as const) : stance.arm;
  const elbow = carrying ? ([1.1, stance.elbow[1]] as const) : stance.elbow;
  limb(
    limbs.thighRight,
    limbs.shinRight,
    new Vector3(0, joints.hipY, joints.hipZ),
    joints.kneeY,
    stance.thigh[0],
    stance.knee[0],
  );
  limb(
    limbs.thighLeft,
    limbs.shinLeft,
    new Vector3(0, joints.hipY, -joints.hipZ),
    joints.kneeY,
    stance.thigh[1],
    stance.knee[1],
  );
  limb(
    limbs.upperArmRight,
    limbs.forearmRight,
    new Vector3(0, joints.shoulderY, 0.2),
    joints.elbowY,
    arm[0],
    elbow[0],
  );
  limb(
    limbs.upperArmLeft,
    limbs.forearmLeft,
    new Vector3(0, joints.shoulderY, -0.2),
    joints.elbowY,
    arm[1],
    elbow[1],
  );
  return list;
}

/** Body and axles of what drives, the wheels turned by the way it has come. */
export function wheelMatrices(kind: ActorKind, pose: Pose): Matrix4[] {
  const body = placed(pose, 1);
  const axles = kind in saddles ? twoWheelerAxles[kind as keyof typeof saddles] : axlesOf(kind);
  return [
    body,
    ...axles.map(({ x, radiusM }) => body.clone().multiply(about(x, radiusM, 0, -pose.travelledM / radiusM))),
  ];
}

const twoWheelerAxles = {
  ebike: [
    { x: -0.6, radiusM: 0.25 },
    { x: 0.62, radiusM: 0.25 },
  ],
  bicycle: [
    { x: -0.53, radiusM: 0.33 },
    { x: 0.53, radiusM: 0.33 },
  ],
  tricycle: [
    { x: -0.75, radiusM: 0.28 },
    { x: 1.1, radiusM: 0.27 },
  ],
} as const;
