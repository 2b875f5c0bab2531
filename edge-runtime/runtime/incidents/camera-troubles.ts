import type { CameraCondition, CameraConditionName, CameraStatus } from '@gatehouse/contracts';

/** One trouble that is to be an open incident. Without a camera: so many cameras at once. */
export interface Trouble {
  readonly camera: string | undefined;
  readonly condition: CameraConditionName;
  readonly value: number;
  readonly threshold: number;
  readonly unit: string | undefined;
  /** Its beginning, milliseconds on the frame timeline. */
  readonly sinceMs: number;
  /** The wall clock minus that timeline, as vision last said. */
  readonly wallOffsetMs: number;
}

/**
 * Cameras that are lost within this of one another are one loss, milliseconds: a switch, its power, a cable.
 */
export const gatherMs = 10_000;
/** From so many lost cameras on, and half of those there are, it is one incident. */
const leastTogether = 3;

interface Lost {
  readonly condition: CameraCondition;
  readonly heardMs: number;
}

/** The name of a trouble. An open incident of this name is the same trouble. */
export function troubleKey({ camera, condition }: Pick<Trouble, 'camera' | 'condition'>): string {
  return `${camera ?? ''}/${condition}`;
}

/**
 * Decides which troubles of the cameras are incidents: one for each camera and condition. Cameras that are
 * lost together are one incident, which lasts until the last of them is back: a switch without power must not
 * flood the guard with alarms. Pure except for its state.
 */
export class CameraTroubles {
  readonly #conditions = new Map<string, readonly CameraCondition[]>();
  /** All cameras are on the one timeline of vision. */
  #wallOffsetMs = 0;
  readonly #cameras: readonly string[];
  /** Lost cameras that are not yet, or never were, part of an incident of their own. */
  readonly #lost = new Map<string, Lost>();
  readonly #alone = new Set<string>();
  readonly #together = new Set<string>();

  constructor(cameras: readonly string[]) {
    this.#cameras = cameras;
  }

  /** Takes a camera's status in. While vision is away nothing is known, and nothing changes. */
  see(nowMs: number, status: CameraStatus): void {
    if (status.reason === 'VISION_DOWN') return;
    const conditions = status.conditions ?? [];
    this.#conditions.set(status.id, conditions);
    this.#wallOffsetMs = status.wallOffsetMs ?? 0;
    const stale = conditions.find(({ name }) => name === 'stale');
    const known = this.#lost.get(status.id);
    if (stale) this.#lost.set(status.id, { condition: stale, heardMs: known?.heardMs ?? nowMs });
    else {
      this.#lost.delete(status.id);
      this.#alone.delete(status.id);
      this.#together.delete(status.id);
    }
  }

  /** True if this camera has been reported since the start; for `undefined`: all cameras. */
  heard(camera: string | undefined): boolean {
    return camera === undefined
      ? this.#cameras.every((id) => this.#conditions.has(id))
      : this.#conditions.has(camera);
  }

  /** A loss that an earlier run has opened goes on as it was: alone, or together. */
  resume(camera: string | undefined): void {
    if (camera !== undefined) this.#alone.add(camera);
    else for (const id of this.#cameras) this.#together.add(id);
  }

  /** The incidents that are to be open now. */
  troubles(nowMs: number): Trouble[] {
    this.#gather(nowMs);
    const others = [...this.#conditions].flatMap(([camera, conditions]) =>
      conditions.filter(({ name }) => name !== 'stale').map((condition) => this.#of(camera, condition)),
    );
    const alone = [...this.#alone].flatMap((camera) => {
      const lost = this.#lost.get(camera);
      return lost ? [this.#of(camera, lost.condition)] : [];
    });
    return [...others, ...alone, ...this.#lostTogether()];
  }

  #gather(nowMs: number) {
    const loose = [...this.#lost].filter(([id]) => !this.#alone.has(id) && !this.#together.has(id));
    const many = Math.max(leastTogether, Math.ceil(this.#cameras.length / 2));
    const group = this.#together.size > 0 || loose.length >= many;
    for (const [camera, { heardMs }] of loose) {
      if (group) this.#together.add(camera);
      else if (nowMs - heardMs >= gatherMs) this.#alone.add(camera);
    }
  }

  #lostTogether(): Trouble[] {
    const lost = [...this.#together].flatMap((id) => this.#lost.get(id)?.condition ?? []);
    const first = lost[0];
    if (!first) return [];
    return [
      {
        camera: undefined,
        condition: 'stale',
        value: lost.length,
        threshold: Math.max(leastTogether, Math.ceil(this.#cameras.length / 2)),
        unit: undefined,
        sinceMs: Math.min(...lost.map(({ sinceMs }) => sinceMs)),
        wallOffsetMs: this.#wallOffsetMs,
      },
    ];
  }

  #of(camera: string, { name, value, threshold, unit, sinceMs }: CameraCondition): Trouble {
    const wallOffsetMs = this.#wallOffsetMs;
    return { camera, condition: name, value, threshold, unit, sinceMs, wallOffsetMs };
  }
}
