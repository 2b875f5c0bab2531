import type { Point } from '@gatehouse/contracts';
import type { LeftObject } from '../index.ts';
import { StaticForeground } from '../index.ts';
import { input, type Moment, Painter, tracksOf } from './painted-scene.ts';

export const wholeFrame: readonly (readonly Point[])[] = [
  [
    [0, 0],
    [1, 0],
    [1, 1],
    [0, 1],
  ],
];

export interface PlayOptions {
  readonly seed?: number;
  readonly fps?: number;
  readonly fromS?: number;
  readonly toS: number;
  readonly foreground?: StaticForeground;
  readonly painter?: Painter;
}

/** The things that were there at a time, seconds. */
export interface Shown {
  readonly t: number;
  readonly objects: readonly LeftObject[];
}

export const newForeground = (): StaticForeground => new StaticForeground({ zones: wholeFrame });

/** Paints a script at a frame rate and gives what the foreground says about every frame. */
export function play(script: (t: number) => Moment, options: PlayOptions): Shown[] {
  const { seed = 1, fps = 2, fromS = 0, toS } = options;
  const foreground = options.foreground ?? newForeground();
  const painter = options.painter ?? new Painter(seed);
  const shown: Shown[] = [];
  for (let i = 0; fromS + i / fps < toS; i++) {
    const t = fromS + i / fps;
    const moment = script(t);
    const objects = foreground.step(painter.frame(moment, t), input, tracksOf(moment.things ?? []), 1000 * t);
    shown.push({ t, objects });
  }
  return shown;
}

/** Whether any object is there in the part of the play from one time to another, seconds. */
export function anyObject(shown: readonly Shown[], fromS = 0, toS = Number.POSITIVE_INFINITY): boolean {
  return shown.some(({ t, objects }) => t >= fromS && t < toS && objects.length > 0);
}

/** When the first object was told of, seconds. */
export function firstFoundS(shown: readonly Shown[]): number | undefined {
  return shown.find(({ objects }) => objects.length > 0)?.t;
}
