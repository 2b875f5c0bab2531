import {
  Backoff,
  type Clock,
  type LocalClient,
  type Log,
  type Part,
  readEventStream,
  type StreamEvent,
  sleep,
} from '@gatehouse/kit';

export interface StreamLinkOptions {
  readonly client: LocalClient;
  readonly route: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly onEvent: (event: StreamEvent) => void;
  /** Called when the stream opens (true) and whenever it is lost (false). */
  readonly onLink: (up: boolean) => void;
}

/** Keeps one event stream of another service open: reconnects with jittered back-off (0.1–2 s) for as long as it runs. */
export class StreamLink implements Part {
  readonly #options: StreamLinkOptions;
  readonly #abort = new AbortController();
  #running: Promise<void> = Promise.resolve();
  constructor(options: StreamLinkOptions) {
    this.#options = options;
  }
  start(): void {
    this.#running = this.#run();
  }
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { client, route, clock, log, onEvent, onLink } = this.#options;
    const signal = this.#abort.signal;
    const backoff = new Backoff({ firstMs: 100, capMs: 2_000 });
    while (!signal.aborted) {
      try {
        const response = await client.open('GET', route, { signal });
        onLink(true);
        backoff.reset();
        for await (const event of readEventStream(response)) onEvent(event);
        log.info('stream-ended', { route });
      } catch (error) {
        // The first failures are the other service still starting.
        if (!signal.aborted) log[backoff.attempt > 3 ? 'warn' : 'debug']('stream-lost', { route, error });
      }
      onLink(false);
      await sleep(clock, backoff.nextMs(), signal);
    }
  }
}
