import { errorOf } from '@gatehouse/kit';
import type { Detection } from '@gatehouse/vision';
import { detectClip, loadDetector, probeClip } from '@gatehouse/vision';
import { readArgs, required, type Verb } from '../verb.ts';

const defaultFps = 5;

export const detect: Verb = {
  usage: 'detect --input FILE [--model ID] [--fps N] [--json]',
  summary: 'what a model sees in a clip: one line a frame, boxes in pixels of the clip',
  async run(args, output) {
    const { values } = readArgs('detect', args, { input: 'string', model: 'string', fps: 'string' });
    const file = required(values.input, 'detect', 'input');
    const fps = readFps(values.fps, 'detect');
    const detector = await loadDetector(values.model, await probeClip(file));
    if (values.model === undefined) output.note(`model: ${detector.model}`);
    try {
      for await (const { t, detections, width, height } of detectClip({ file, detector, fps })) {
        const boxes = detections
          .filter(({ doubtful }) => !doubtful)
          .map((detection) => inPixels(detection, width, height));
        output.line(
          values.json
            ? JSON.stringify({ t: round(t, 3), boxes })
            : `${t.toFixed(2).padStart(8)} s  ${boxes.map((b) => `${b.class} ${b.score}`).join(', ')}`,
        );
      }
    } finally {
      await detector.close();
    }
    return 0;
  },
};

/** A clip is analysed at this many frames a second at most. */
export function readFps(text: string | undefined, verb: string): number {
  const fps = text === undefined ? defaultFps : Number(text);
  if (Number.isFinite(fps) && fps > 0 && fps <= 60) return fps;
  throw errorOf('USAGE/fps', { verb, text });
}

function inPixels({ box, class: name, score }: Detection, width: number, height: number) {
  return {
    x1: round(box.x1 * width, 1),
    y1: round(box.y1 * height, 1),
    x2: round(box.x2 * width, 1),
    y2: round(box.y2 * height, 1),
    class: name,
    score: round(score, 4),
  };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
