/**
 * The product's side of the vision bench, a process of its own so that its CPU can be counted: decoder,
 * detector and tracker over one clip. `node vision-product.ts CLIP FPS` prints
 * {"cpuSeconds","frames","width","height","tracked"}.
 */
import { readFileSync } from 'node:fs';
import { analyseClip, loadDetector, Tracker } from '@gatehouse/vision';

/**
 * User + system seconds of this process and the children it has waited for; proc(5), clock ticks of 10 ms.
 */
function cpuSeconds(): number {
  const stat = readFileSync('/proc/self/stat', 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
}

const [file = '', fps = '5'] = process.argv.slice(2);
const detector = await loadDetector();
const { width, height } = detector.input;
await detector.detect({
  planes: new Uint8Array(width * height * 3),
  sourceWidth: width,
  sourceHeight: height,
});
const before = cpuSeconds();
let frames = 0;
let tracked = 0;
const tracker = new Tracker();
for await (const { tracks } of analyseClip({ file, camera: 'bench', detector, tracker, fps: Number(fps) })) {
  frames++;
  tracked += tracks.length;
}
console.log(JSON.stringify({ cpuSeconds: cpuSeconds() - before, frames, width, height, tracked }));
await detector.close();
