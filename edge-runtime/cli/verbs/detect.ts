import { type Language, term } from '@gatehouse/contracts';
import { errorOf } from '@gatehouse/kit';
import type { Detection, LoadedDetector } from '@gatehouse/vision';
import { detectClip, loadDetector, probeClip } from '@gatehouse/vision';
import { texts } from '../texts.ts';
import { readArgs, required, type Verb } from '../verb.ts';

const defaultFps = 5;

/** Also of `replay`. */
export const said = texts({
  model: { zh: '识别模型：{model}，输入 {size}', en: 'model: {model} at {size}' },
});

/** A loaded detector for `said`. */
export function modelSaid({ model, input }: LoadedDetector): { model: string; size: string } {
  return { model, size: `${input.width}x${input.height}` };
}

export const detect: Verb = {
  usage: 'detect --input FILE [--model ID] [--fps N] [--json]',
  summary: {
    zh: '模型在一段录像中识别到什么：每帧一行，检测框以录像的像素计',
    en: 'what a model sees in a clip: one line a frame, boxes in pixels of the clip',
  },
  async run(args, output) {
    const { values } = readArgs('detect', args, { input: 'string', model: 'string', fps: 'string' });
    const file = required(values.input, 'detect', 'input');
    const fps = readFps(values.fps, 'detect');
    const detector = await loadDetector(values.model, { picture: await probeClip(file) });
    output.note(said(output.language, 'model', modelSaid(detector)));
    try {
      for await (const { t, detections, width, height } of detectClip({ file, detector, fps })) {
        const boxes = detections
          .filter(({ doubtful }) => !doubtful)
          .map((detection) => inPixels(detection, width, height));
        output.line(
          values.json ? JSON.stringify({ t: round(t, 3), boxes }) : frameLine(t, boxes, output.language),
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

/** English keeps the codes, because scripts read it. */
export function frameLine(
  t: number,
  boxes: readonly { readonly class: string; readonly score: number }[],
  language: Language,
): string {
  const seconds = t.toFixed(2).padStart(8);
  if (language === 'en') return `${seconds} s  ${boxes.map((b) => `${b.class} ${b.score}`).join(', ')}`;
  return `${seconds} 秒  ${boxes.map((b) => `${term(language, 'class', b.class)} ${b.score}`).join('，')}`;
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
