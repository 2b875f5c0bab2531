import { Worker } from 'node:worker_threads';
import type { Clock, Log, Part, Random } from '@gatehouse/kit';
import { Backoff, every, GatehouseError, sleep } from '@gatehouse/kit';
// For the workers started here: only the main thread can turn it off.
import '@gatehouse/onnx/telemetry-off';
import { frameBytes } from '../decoder/filter.ts';
import type { InputShape } from '../detect/detector.ts';
import { type DetectJob, type DetectorRecipe, endOrder, type Failure, type WorkerReply } from './protocol.ts';
import { type OnDetections, Seat, type TimedFrame } from './seat.ts';

export interface InferenceLaneOptions {
  /** The model's name, for people. */
  readonly model: string;
  /** Finds the model's files and says how to load it; asked again after every failure, with why the last worker ended. */
  readonly recipe: (lost?: Failure) => Promise<DetectorRecipe>;
  /** Resident memory of the service, bytes; the process's own if absent. */
  readonly memoryBytes?: () => number;
  readonly clock: Clock;
  /** Measures silence; see `ProcessorMonitor.clock`. The same as `clock` if absent. */
  readonly watchClock?: Clock;
  readonly random: Random;
  readonly log: Log;
}

export interface LaneStatus {
  readonly state: 'loading' | 'ready' | 'failed';
  /** Why it is not ready. */
  readonly failure: Failure | undefined;
  /** How often the worker was lost since the start. */
  readonly restarts: number;
  readonly inferences: number;
}

/** One inference takes 5 to 100 ms; a worker silent for this long is hung, milliseconds. */
const hungAfterMs = 10_000;
/** Loading a model takes a second; a worker that loads for this long is hung, milliseconds. */
const loadWithinMs = 60_000;
/** A worker that has done this many is well: its back-off starts over. */
const healthyAfterInferences = 50;
/** A worker is replaced after so long (ONNX Runtime keeps some memory of every session, onnxruntime #25325), milliseconds... */
const recycleAfterMs = 24 * 3_600_000;
/** ... or once the service has grown by this much since it was loaded, bytes. */
const recycleAfterBytes = 512 * 1024 * 1024;
const memoryLookMs = 60_000;
/**
 * Frames, of different cameras, that the worker has at once. With one it waited 0.3 ms of every 9 ms inference for the next; with two
 * the second frame is one inference older than the newest.
 */
const depth = 2;
/** How long a worker may take to end by itself, milliseconds: it loads for seconds on a busy box. systemd waits for 15 s. */
const endWithinMs = 10_000;
const workerFile = new URL('./worker.ts', import.meta.url);

/**
 * One model in one worker thread, shared by its cameras in turn. A worker that dies, hangs or cannot load is replaced after a
 * jittered wait, and meanwhile its cameras have no detections, which shows in `status`: never a silent stop.
 */
export class InferenceLane implements Part {
  readonly #options: InferenceLaneOptions;
  readonly #backoff: Backoff;
  readonly #abort = new AbortController();
  readonly #seats: Seat[] = [];
  readonly #onInput: ((input: InputShape) => void)[] = [];
  #loop: Promise<void> | undefined;
  #worker: Worker | undefined;
  #input: InputShape | undefined;
  #failure: Failure | undefined;
  /** What the worker has, in order: what it looks at, and what is next. */
  #inFlight: { readonly job: number; readonly seat: Seat }[] = [];
  #cancelHung: () => void = () => undefined;
  #onHung: () => void = () => undefined;
  #ending = false;
  #providerFault: Failure | undefined;
  /** Slots whose memory the worker has. */
  readonly #givenSlots = new Set<number>();
  #jobs = 0;
  #inferences = 0;
  #inferencesOfWorker = 0;
  #restarts = 0;

  constructor(options: InferenceLaneOptions) {
    this.#options = options;
    this.#backoff = new Backoff({ firstMs: 1_000, capMs: 60_000 }, options.random);
  }

  start(): void {
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#loop;
  }

  get status(): LaneStatus {
    const state = this.#worker && this.#input ? 'ready' : this.#failure ? 'failed' : 'loading';
    return { state, failure: this.#failure, restarts: this.#restarts, inferences: this.#inferences };
  }

  /** Why the model does not run where the site says; it runs on the CPU then. */
  get providerFault(): Failure | undefined {
    return this.#providerFault;
  }

  get model(): string {
    return this.#options.model;
  }

  get #watchClock(): Clock {
    return this.#options.watchClock ?? this.#options.clock;
  }

  /**
   * Calls back as soon as the model's input shape is known, and again when another model with another shape takes over: seats
   * and frames of before are of no use then.
   */
  onInput(fn: (input: InputShape) => void): void {
    this.#onInput.push(fn);
    if (this.#input) fn(this.#input);
  }

  /** Gives a camera its place for frames of the shape that `onInput` told last. */
  seat(camera: string, onDetections: OnDetections): Seat {
    if (!this.#input) throw new TypeError(`lane ${this.model} has no seat before it was ready`);
    this.#seats.push(new Seat(camera, frameBytes(this.#input), onDetections));
    return this.#seats.at(-1) as Seat;
  }

  /** Offers a camera's newest frame; its detections come through the seat's callback, or never if a newer frame wins. */
  offer(seat: Seat, frame: TimedFrame): void {
    seat.put(frame);
    this.#dispatch();
  }

  async #run(): Promise<void> {
    const { clock, log, model } = this.#options;
    const { signal } = this.#abort;
    while (!signal.aborted) {
      this.#failure = await this.#workOnce();
      if (signal.aborted) return;
      if (this.#failure.code === recycled.code) {
        log.info('inference-recycled', { model });
        this.#failure = undefined;
        continue;
      }
      this.#restarts++;
      const retryInMs = this.#backoff.nextMs();
      log.error('inference-lost', { model, ...this.#failure, retryInMs: Math.round(retryInMs) });
      await sleep(clock, retryInMs, signal);
    }
  }

  /** One worker's life; returns why it ended. */
  async #workOnce(): Promise<Failure> {
    let recipe: DetectorRecipe;
    try {
      recipe = await this.#options.recipe(this.#failure);
    } catch (error) {
      return failureOf(error);
    }
    const { signal } = this.#abort;
    if (signal.aborted) return workerLost('stopped');
    this.#inferencesOfWorker = 0;
    this.#givenSlots.clear();
    this.#ending = false;
    const worker = new Worker(workerFile, { workerData: recipe });
    // Also while it still loads: a worker that nobody ends would keep this process alive for ever.
    let cancelEnd: () => void = () => undefined;
    const end = () => {
      if (!this.#ending) cancelEnd = this.#askToEnd(worker);
    };
    signal.addEventListener('abort', end, { once: true });
    let failure: Failure | undefined;
    const fail = (why: Failure) => {
      failure ??= why;
      void worker.terminate();
    };
    const cancelLoad = this.#watchClock.after(loadWithinMs, () => fail(workerLost('it did not load')));
    worker.on('message', (reply: WorkerReply) => {
      cancelLoad();
      this.#onReply(worker, reply, fail);
    });
    worker.on('error', (error) => fail(workerLost(error instanceof Error ? error.message : String(error))));
    const stopRecycling = this.#recycle(() => {
      failure ??= recycled;
      end();
    });
    this.#onHung = () => fail(workerLost(`no answer for ${hungAfterMs / 1000} s`));
    const code = await new Promise<number>((resolve) => worker.once('exit', resolve));
    signal.removeEventListener('abort', end);
    cancelLoad();
    cancelEnd();
    stopRecycling();
    this.#cancelHung();
    this.#worker = undefined;
    this.#inFlight = [];
    return failure ?? workerLost(`exit code ${code}`);
  }

  #onReply(worker: Worker, reply: WorkerReply, fail: (why: Failure) => void) {
    if (reply.type === 'cannot-load') return fail(reply.failure);
    if (reply.type === 'ready') return this.#onReady(worker, reply.input, reply.providerFault);
    const done = this.#inFlight.shift();
    this.#cancelHung();
    if (reply.type === 'failed') return fail(reply.failure);
    this.#inferences++;
    if (++this.#inferencesOfWorker > healthyAfterInferences) this.#backoff.reset();
    if (this.#inFlight.length > 0) this.#watchHung();
    if (done?.job === reply.job) done.seat.onDetections(done.seat.taken, reply.detections);
    this.#dispatch();
  }

  #onReady(worker: Worker, input: InputShape, providerFault: Failure | undefined) {
    const before = this.#input;
    this.#worker = worker;
    this.#input = input;
    this.#failure = undefined;
    const { log } = this.#options;
    log.info('model-loaded', { model: this.model, ...input });
    if (providerFault && !this.#providerFault)
      log.warn('provider-unavailable', { model: this.model, ...providerFault });
    this.#providerFault = providerFault;
    if (!before || !sameShape(before, input)) {
      this.#seats.length = 0;
      for (const fn of this.#onInput) fn(input);
    }
    this.#dispatch();
  }

  /**
   * Lets a worker finish its inference, or its loading, and free its model; one that does not is ended from outside after all.
   * Returns what calls that off.
   */
  #askToEnd(worker: Worker): () => void {
    this.#ending = true;
    worker.postMessage(endOrder);
    return this.#watchClock.after(endWithinMs, () => void worker.terminate());
  }

  /** Ends a worker that is old, or under which the service has grown; its cameras miss the second or two of loading. */
  #recycle(end: () => void): () => void {
    const { clock, memoryBytes = () => process.memoryUsage.rss(), random } = this.#options;
    const startBytes = memoryBytes();
    // Not all lanes of a box in the same minute.
    const cancelOld = clock.after(recycleAfterMs * (1 + random() / 10), end);
    const stopLooking = every(clock, memoryLookMs, () => {
      if (memoryBytes() - startBytes > recycleAfterBytes) end();
    });
    return () => {
      cancelOld();
      stopLooking();
    };
  }

  /** Gives the worker the waiting frames of the cameras that have waited longest since their last one: what is shed is shed evenly. */
  #dispatch() {
    const worker = this.#worker;
    while (worker && !this.#ending && this.#inFlight.length < depth) {
      // A camera's frame stays in its place while the worker has it: the camera's next one waits until then.
      const free = this.#seats.filter(
        (one) => one.hasWaiting && !this.#inFlight.some(({ seat }) => seat === one),
      );
      const [seat] = free.sort((a, b) => a.lastJob - b.lastJob);
      if (!seat) return;
      this.#send(worker, seat);
    }
  }

  #send(worker: Worker, seat: Seat) {
    const { id, planes, sourceWidth, sourceHeight } = seat.take();
    const job = ++this.#jobs;
    seat.lastJob = job;
    this.#inFlight.push({ job, seat });
    if (this.#inFlight.length === 1) this.#watchHung();
    const memory = this.#givenSlots.has(id) ? {} : { planes };
    this.#givenSlots.add(id);
    worker.postMessage({ job, slot: id, sourceWidth, sourceHeight, ...memory } satisfies DetectJob);
  }

  #watchHung() {
    this.#cancelHung = this.#watchClock.after(hungAfterMs, () => this.#onHung());
  }
}

function sameShape(a: InputShape, b: InputShape): boolean {
  return a.width === b.width && a.height === b.height && a.fit === b.fit && a.pad === b.pad;
}

/** Why a worker ended that was well. */
const recycled: Failure = {
  code: 'DETECTOR_RECYCLED',
  message: "the detector's worker is replaced.",
  remedy: 'Nothing is to be done; it is back within seconds.',
};

function workerLost(why: string): Failure {
  return {
    code: 'DETECTOR_LOST',
    message: `the detector's worker was lost (${why}).`,
    remedy: 'It starts again by itself; if it keeps on, see the log.',
  };
}

function failureOf(error: unknown): Failure {
  if (error instanceof GatehouseError)
    return { code: error.code, message: error.message, remedy: error.remedy };
  return { code: 'MODEL_UNAVAILABLE', message: String(error), remedy: 'See the log.' };
}
