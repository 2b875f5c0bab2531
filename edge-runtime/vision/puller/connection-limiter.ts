/** Who asks for a connection. */
export interface Applicant {
  /** Host and port of the camera, or of the recorder that serves it. */
  readonly host: string;
  /** Its last attempt failed: it waits behind those that have just been lost. */
  readonly failing: boolean;
}

interface Waiting extends Applicant {
  readonly admit: () => void;
}

export interface ConnectionLimits {
  /** Attempts in flight of the whole box. */
  readonly box: number;
  /** Of those, by cameras whose last attempt failed: a dead switch must not keep a living camera waiting. */
  readonly failing: number;
  /** Attempts in flight at one host; recorders serve many cameras at one address, and answer slowly under a storm. */
  readonly host: number;
}

export const connectionLimits: ConnectionLimits = { box: 8, failing: 4, host: 2 };

/**
 * Bounds connection attempts, so that forty cameras behind one switch come back in turn. First come first served, those that have
 * just been lost before those that keep failing. An attempt is over when its first picture came or it failed.
 */
export class ConnectionLimiter {
  readonly #limits: ConnectionLimits;
  readonly #inFlight = new Set<Applicant>();
  #waiting: Waiting[] = [];

  constructor(limits = connectionLimits) {
    this.#limits = limits;
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Resolves with how to give the place back, once it may try; at once with nothing to give back when `signal` aborts. */
  async enter(applicant: Applicant, signal: AbortSignal): Promise<() => void> {
    if (signal.aborted) return () => undefined;
    return new Promise((resolve) => {
      const leave = () => {
        this.#inFlight.delete(applicant);
        this.#next();
      };
      const admit = () => {
        signal.removeEventListener('abort', giveUp);
        this.#inFlight.add(applicant);
        resolve(leave);
      };
      const waiting: Waiting = { ...applicant, admit };
      const giveUp = () => {
        this.#waiting = this.#waiting.filter((other) => other !== waiting);
        resolve(() => undefined);
      };
      signal.addEventListener('abort', giveUp, { once: true });
      this.#waiting.push(waiting);
      this.#next();
    });
  }

  #next() {
    for (;;) {
      const next =
        this.#waiting.find((one) => !one.failing && this.#fits(one)) ??
        this.#waiting.find((one) => this.#fits(one));
      if (!next) return;
      this.#waiting = this.#waiting.filter((other) => other !== next);
      next.admit();
    }
  }

  #fits({ host, failing }: Applicant): boolean {
    const { box, failing: mostFailing, host: atHost } = this.#limits;
    const flying = [...this.#inFlight];
    return (
      flying.length < box &&
      flying.filter((other) => other.host === host).length < atHost &&
      (!failing || flying.filter((other) => other.failing).length < mostFailing)
    );
  }
}

/** Host and port of a camera's address; the whole text where there is none. */
export function hostOf(url: string): string {
  return /^[a-z]+:\/\/([^/?#]+)/i.exec(url)?.[1]?.toLowerCase() ?? url;
}
