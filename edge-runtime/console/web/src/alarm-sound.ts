/** One beep: frequency in Hz, start and length in seconds. */
type Beep = readonly [hz: number, atS: number, forS: number];

/**
 * Made by the browser itself, no sound file: urgent (repeated by the caller), chime, and the falling tone of
 * a lost box.
 */
const tunes = {
  urgent: [
    [880, 0, 0.25],
    [660, 0.3, 0.25],
    [880, 0.6, 0.25],
    [660, 0.9, 0.25],
  ],
  chime: [
    [660, 0, 0.18],
    [880, 0.2, 0.3],
  ],
  lost: [
    [520, 0, 0.25],
    [390, 0.3, 0.25],
    [290, 0.6, 0.5],
  ],
} as const satisfies Record<string, readonly Beep[]>;

let context: AudioContext | undefined;

/** False while the browser waits for a click before it lets a page sound. */
export function soundAllowed(): boolean {
  context ??= new AudioContext();
  return context.state === 'running';
}

/** To be called from a click. */
export async function allowSound(): Promise<void> {
  context ??= new AudioContext();
  await context.resume();
}

export function play(tune: keyof typeof tunes): void {
  context ??= new AudioContext();
  if (context.state !== 'running') return;
  for (const [hz, atS, forS] of tunes[tune]) {
    const start = context.currentTime + atS;
    const tone = new OscillatorNode(context, { type: 'square', frequency: hz });
    const volume = new GainNode(context, { gain: 0.25 });
    tone.connect(volume).connect(context.destination);
    tone.start(start);
    tone.stop(start + forS);
  }
}
