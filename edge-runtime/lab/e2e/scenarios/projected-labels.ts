/**
 * Labels of a scenario without a renderer: every actor's nominal block, projected. Coarser than the rendered
 * ones (a car is a block, and only actors hide actors), but there in milliseconds, for every scenario and not
 * only for those with a clip.
 */
import { lensOf, project } from '../../sim/layout/projection.ts';
import { turned } from '../../sim/layout/shapes.ts';
import type { ScenarioWorld } from '../../sim/scenario/index.ts';
import { sizes } from '../../sim/sizes.ts';
import {
  type Actor,
  type Label,
  type LabelFrame,
  labelClassOf,
  type PixelBox,
  type Pose,
} from '../../sim/world.ts';

/** Points a side that a block is probed at to see how much of it others hide. */
const probes = 10;
/** A car fills about this part of its block's outline. */
const fills = 0.9;

/** Labels of every frame, from the first to the last second. */
export function projectedLabels({ scenario, world, momentAt }: ScenarioWorld): LabelFrame[] {
  const lens = lensOf(world.view);
  const actors = new Map(world.actors.map((actor) => [actor.id, actor]));
  const { widthPx, heightPx } = world.view;

  const blockOf = (pose: Pose) => {
    const actor = actors.get(pose.id) as Actor;
    const { lengthM, widthM, heightM } = sizes[actor.kind];
    const lift = pose.liftM ?? 0;
    const height = heightM * (pose.posture === 'crouching' ? 0.6 : 1);
    const corners = turned(pose.at, lengthM, widthM, pose.headingRad).flatMap(([x, z]) => [
      project(lens, [x, lift, z]),
      project(lens, [x, lift + height, z]),
    ]);
    const xs = corners.map(({ x }) => x);
    const ys = corners.map(({ y }) => y);
    const box = { x1: Math.min(...xs), y1: Math.min(...ys), x2: Math.max(...xs), y2: Math.max(...ys) };
    return { pose, actor, box, depthM: Math.min(...corners.map(({ depthM }) => depthM)) };
  };

  const inPicture = (box: PixelBox): PixelBox => ({
    x1: Math.max(0, box.x1),
    y1: Math.max(0, box.y1),
    x2: Math.min(widthPx, box.x2),
    y2: Math.min(heightPx, box.y2),
  });

  const frameAt = (frame: number): LabelFrame => {
    const tS = frame / scenario.fps;
    const blocks = momentAt(tS)
      .poses.map(blockOf)
      .filter(({ depthM }) => depthM > 1);
    const labels = blocks.flatMap(({ actor, box, depthM }): Label[] => {
      const whole = inPicture(box);
      if (whole.x2 - whole.x1 < 2 || whole.y2 - whole.y1 < 2) return [];
      const nearer = blocks.filter((other) => other.depthM < depthM).map((other) => shrunk(other.box));
      const seen = probesOf(box).filter(
        (point) => holds(whole, point) && !nearer.some((other) => holds(other, point)),
      );
      if (seen.length === 0) return [];
      const cut = whole.x1 !== box.x1 || whole.x2 !== box.x2 || whole.y1 !== box.y1 || whole.y2 !== box.y2;
      const visible = seen.length / probes ** 2;
      const { id, kind } = actor;
      return [{ id, kind, class: labelClassOf[kind], box: around(seen, box, whole), whole, visible, cut }];
    });
    return { frame, tS, labels };
  };
  const frames = Math.floor(scenario.durationS * scenario.fps);
  return Array.from({ length: frames }, (_, frame) => frameAt(frame));
}

type PixelPoint = readonly [x: number, y: number];

function probesOf({ x1, y1, x2, y2 }: PixelBox): PixelPoint[] {
  return Array.from(
    { length: probes ** 2 },
    (_, i): PixelPoint => [
      x1 + ((x2 - x1) * ((i % probes) + 0.5)) / probes,
      y1 + ((y2 - y1) * (Math.floor(i / probes) + 0.5)) / probes,
    ],
  );
}

function holds({ x1, y1, x2, y2 }: PixelBox, [x, y]: PixelPoint): boolean {
  return x >= x1 && x <= x2 && y >= y1 && y <= y2;
}

function shrunk({ x1, y1, x2, y2 }: PixelBox): PixelBox {
  const [dx, dy] = [((x2 - x1) * (1 - fills)) / 2, ((y2 - y1) * (1 - fills)) / 2];
  return { x1: x1 + dx, y1: y1 + dy, x2: x2 - dx, y2: y2 - dy };
}

/** The box around the probes that are seen, each standing for its cell. */
function around(seen: readonly PixelPoint[], { x1, y1, x2, y2 }: PixelBox, whole: PixelBox): PixelBox {
  const [dx, dy] = [(x2 - x1) / probes / 2, (y2 - y1) / probes / 2];
  const xs = seen.map(([x]) => x);
  const ys = seen.map(([, y]) => y);
  return {
    x1: Math.max(whole.x1, Math.min(...xs) - dx),
    y1: Math.max(whole.y1, Math.min(...ys) - dy),
    x2: Math.min(whole.x2, Math.max(...xs) + dx),
    y2: Math.min(whole.y2, Math.max(...ys) + dy),
  };
}
