import { setTimeout as wait } from 'node:timers/promises';
import type { DemoBox } from '../demo-box.ts';
import type { Guard } from './guard.ts';
import { descendants, footprint, isAlive } from './processes.ts';

const lookEveryMs = 1_000;
/**
 * A camera or device may be shown as known for this long after its last word: 5 s, a refresh of 5 s, and a
 * look.
 */
const knownForMs = 12_000;
/** A process that lived this long shows whether it grows. */
const steadyAfterMs = 120_000;

/**
 * The camera of the real clips: its events are known to the second, and it is the one that is made to fail.
 */
export const judged = { camera: 'east-lane', stream: 'lot' } as const;

interface Life {
  readonly name: string;
  readonly samples: { readonly atMs: number; readonly rssMb: number; readonly fds: number }[];
}
interface BrowserView {
  readonly phases: Map<string, string>;
  readonly ids: Set<string>;
  repeated: number;
  events: number;
}

/**
 * Looks at the box from outside all the time: processes, memory, files, the events that two browsers get, the
 * clip's position.
 */
export class Watcher {
  readonly startedMs = Date.now();
  /** When the first clip began, each time. */
  readonly passes: number[] = [];
  /** Every process that ever belonged to the box. */
  readonly everSeen = new Set<number>();
  clip: { clip: number; seconds: number } | undefined;
  readonly #box: DemoBox;
  readonly #guard: Guard;
  readonly #cameraControl: string;
  readonly #doorControl: string;
  readonly #lives = new Map<number, Life>();
  readonly #views: BrowserView[] = [];
  readonly #loop: { atMs: number; occupied: boolean }[] = [];
  readonly #orphans = new Map<number, { command: string; sinceMs: number }>();
  readonly #wrong = new Set<string>();
  readonly #abort = new AbortController();
  #lowered = 0;

  constructor(box: DemoBox, guard: Guard, cameraControl: string, doorControl: string) {
    this.#box = box;
    this.#guard = guard;
    this.#cameraControl = cameraControl;
    this.#doorControl = doorControl;
  }

  start(): void {
    for (let i = 0; i < 2; i++) this.#browse();
    void this.#watch();
  }

  /** Ends it; lists the faults, also in the view of the two browsers at the end. */
  stop(incidents: readonly { id: string; phase: string }[]): string[] {
    this.#abort.abort();
    for (const [i, { phases, repeated }] of this.#views.entries()) {
      if (repeated > 0) this.#wrong.add(`browser ${i} got ${repeated} changes twice`);
      for (const { id, phase } of incidents)
        if (phases.get(id) !== phase)
          this.#wrong.add(`browser ${i} shows ${id} as ${phases.get(id)}, it is ${phase}`);
    }
    if (this.#lowered > 0) this.#wrong.add(`the barrier was lowered onto a vehicle ${this.#lowered} times`);
    for (const { name, first, last } of this.footprints())
      if (last.rssMb > first.rssMb * 1.3 + 20 || last.fds > first.fds + 10)
        this.#wrong.add(`${name} grows: ${JSON.stringify({ first, last })}`);
    return [...this.#wrong];
  }

  note(route: string, body: object): void {
    if (route === '/loop' && 'occupied' in body)
      this.#loop.push({ atMs: Date.now(), occupied: body.occupied === true });
  }

  /** The loop is simulated; the box knows of a change a poll later. */
  loopOccupiedAt(atMs: number): boolean {
    const before = this.#loop.findLast((change) => change.atMs <= atMs);
    return before !== undefined && (before.occupied || atMs - before.atMs < 1_500);
  }

  browsers() {
    return this.#views.map(({ events, ids, repeated }) => ({ events, changes: ids.size, repeated }));
  }

  /** Memory and files of the processes that lived long enough, at a quarter of their life and at its end. */
  footprints() {
    return [...this.#lives.entries()].flatMap(([pid, { name, samples }]) => {
      const livedMs = (samples.at(-1)?.atMs ?? 0) - (samples[0]?.atMs ?? 0);
      const first = samples[Math.floor(samples.length / 4)];
      const last = samples.at(-1);
      if (livedMs < steadyAfterMs || !first || !last) return [];
      const short = ({ rssMb, fds }: typeof first) => ({ rssMb: Math.round(rssMb), fds });
      const mostMb = Math.round(Math.max(...samples.map(({ rssMb }) => rssMb)));
      return [
        { name, pid, livedS: Math.round(livedMs / 1000), first: short(first), last: short(last), mostMb },
      ];
    });
  }

  #browse(): void {
    const view: BrowserView = { phases: new Map(), ids: new Set(), repeated: 0, events: 0 };
    this.#views.push(view);
    const show = (incident: { id: string; phase: string }) => view.phases.set(incident.id, incident.phase);
    void this.#guard.follow((event, data, id) => {
      view.events++;
      if (event === 'state')
        (data as { incidents?: { id: string; phase: string }[] }).incidents?.forEach(show);
      if (event !== 'incident') return;
      if (view.ids.has(id)) view.repeated++;
      view.ids.add(id);
      show(data as { id: string; phase: string });
    }, this.#abort.signal);
  }

  async #watch(): Promise<void> {
    while (!this.#abort.signal.aborted) {
      this.#lookAtProcesses();
      await Promise.allSettled([this.#lookAtClip(), this.#lookAtDoors(), this.#lookAtAges()]);
      await wait(lookEveryMs);
    }
  }

  #lookAtProcesses(): void {
    const atMs = Date.now();
    const table = descendants(this.#box.pid);
    const ours = new Set(table.map(({ pid }) => pid));
    for (const { pid, command } of table) {
      this.everSeen.add(pid);
      const size = footprint(pid);
      const name = /(\S+\/)?(\S+)\/\S*main\.ts/.exec(command)?.[0] ?? command.split(' ')[0] ?? '';
      const life = this.#lives.get(pid) ?? { name, samples: [] };
      this.#lives.set(pid, life);
      if (size) life.samples.push({ atMs, ...size });
    }
    for (const pid of this.everSeen) {
      if (ours.has(pid) || !isAlive(pid)) this.#orphans.delete(pid);
      else this.#orphaned(pid, atMs);
    }
  }

  #orphaned(pid: number, atMs: number): void {
    const command = this.#lives.get(pid)?.name ?? '';
    const since = this.#orphans.get(pid) ?? { command, sinceMs: atMs };
    this.#orphans.set(pid, since);
    if (atMs - since.sinceMs > 5_000) this.#wrong.add(`an orphan: ${pid} ${command}`);
  }

  async #lookAtClip(): Promise<void> {
    const streams = (await ask(this.#cameraControl, '/streams')) as {
      stream: string;
      position: { clip: number; seconds: number };
    }[];
    const position = streams.find(({ stream }) => stream === judged.stream)?.position;
    if (!position) return;
    if (position.clip === 0 && this.clip?.clip !== 0) this.passes.push(Date.now() - position.seconds * 1000);
    this.clip = position;
  }

  async #lookAtDoors(): Promise<void> {
    const { barrier } = (await ask(this.#doorControl, '/state')) as {
      barrier: { loweredOntoVehicle: number };
    };
    this.#lowered = barrier.loweredOntoVehicle;
  }

  /** A camera or device that is shown as known must have been heard of lately. */
  async #lookAtAges(): Promise<void> {
    const { cameras } = (await this.#guard.get('/api/cameras')) as {
      cameras: { state: string; frameAgeMs?: number }[];
    };
    for (const { state, frameAgeMs = 0 } of cameras)
      if (state === 'live' && frameAgeMs > knownForMs)
        this.#wrong.add(`a camera is live with a frame ${frameAgeMs} ms old`);
    const { devices } = (await this.#guard.get('/api/devices')) as {
      devices: { id: string; position: string; ageMs?: number }[];
    };
    for (const { id, position, ageMs = 0 } of devices)
      if (position !== 'unknown' && ageMs > knownForMs)
        this.#wrong.add(`${id} is ${position} with an age of ${ageMs} ms`);
  }
}

async function ask(port: string, path: string): Promise<unknown> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(3_000) });
  return answer.json();
}
