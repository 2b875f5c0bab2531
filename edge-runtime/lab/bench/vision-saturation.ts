/**
 * The detector's lane at saturation: four cameras that always have a newer frame. A process of its own, so
 * that nothing else runs in it. `node vision-saturation.ts SECONDS` prints
 * {"inferences","wallSeconds","width","height"}.
 */
import { seededRandom, silentLog, systemClock } from '@gatehouse/kit';
import { InferenceLane } from '../../vision/infer/inference-lane.ts';
import { ModelSlot } from '../../vision/infer/model-slot.ts';

const cameras = ['a', 'b', 'c', 'd'];
const seconds = Number(process.argv[2] ?? '5');
const slot = new ModelSlot({ named: 'yolox-nano-dyn', cameras, log: silentLog });
const lane = new InferenceLane({
  model: 'bench',
  recipe: (lost) => slot.recipe(lost),
  clock: systemClock,
  random: seededRandom(1),
  log: silentLog,
});
lane.start();
const input = await new Promise<{ width: number; height: number }>((resolve) => lane.onInput(resolve));
const planes = new Uint8Array(3 * input.width * input.height).fill(114);
let atMs = 0;
const offer = (seat: ReturnType<InferenceLane['seat']>) =>
  lane.offer(seat, { atMs: ++atMs, planes, sourceWidth: 1920, sourceHeight: 1080 });
for (const camera of cameras) {
  const seat = lane.seat(camera, () => offer(seat));
  offer(seat);
  offer(seat);
}
// The first inferences are slower than all others.
await new Promise((resolve) => setTimeout(resolve, 1_000));
const [from, startMs] = [lane.status.inferences, performance.now()];
await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
const inferences = lane.status.inferences - from;
const wallSeconds = (performance.now() - startMs) / 1000;
console.log(JSON.stringify({ inferences, wallSeconds, width: input.width, height: input.height }));
await lane.stop();
