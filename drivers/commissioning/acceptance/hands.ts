import type { Device, Input } from '@gatehouse/contracts';

/** A contact that somebody closes or opens by hand. */
export interface Task {
  /** The device or input, and which of a device's contacts. */
  readonly of: Device | Input;
  readonly contact: string;
  readonly bus: string;
  readonly unit: number;
  readonly channel: number;
  /** True: so that it says what it is there to say (a vehicle on the loop, a pressed button, smoke). */
  readonly on: boolean;
}

export type Seen = 'yes' | 'no' | 'not-asked';

/** The person at the doors: an installer at a terminal, a simulator's plants, or nobody. */
export interface Hands {
  /**
   * Resolves with the moment at which it was done (monotonic milliseconds), or `undefined` if it cannot be
   * done.
   */
  act(task: Task): Promise<number | undefined>;
  /** Asks whether a device was seen to do it. */
  see(device: Device, action: string): Promise<Seen>;
}

/** Nobody is there: what needs a person is not tested, and the sheet says so. */
export const nobody: Hands = {
  act: async () => undefined,
  see: async () => 'not-asked',
};
