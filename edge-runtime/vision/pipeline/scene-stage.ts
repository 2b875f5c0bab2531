import type { Track } from '@gatehouse/contracts';
import type { DetectorFrame, InputShape } from '../detect/detector.ts';

/** One analysed picture of a camera. */
export interface Scene {
  /** Capture time on the frame timeline, milliseconds; rises from call to call, by 40 ms or by 4 s. */
  readonly atMs: number;
  /** The picture as the detector got it. Its planes are used again after the call: copy what must last. */
  readonly frame: DetectorFrame;
  /** How the picture lies in it. */
  readonly input: InputShape;
  /** The objects that the tracker follows in it. */
  readonly tracks: readonly Track[];
  /** `blind`: the camera shows nothing that could be judged. */
  readonly view: 'clear' | 'blind';
}

/**
 * A stage between tracker and rules that sees each analysed picture and may add tracks to it, such as things
 * that no detector has a class for. It runs in the service's event loop: a few milliseconds a picture at
 * most.
 */
export interface SceneStage {
  /** Tracks to add, with ids of their own that never meet the tracker's. */
  see(scene: Scene): readonly Track[];
  /** A person says that the picture is as it shall be: what it shows now is what is usual. */
  retakeBaseline?(): void;
}
