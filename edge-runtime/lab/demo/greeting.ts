import { type Clock, type Part, sleep } from '@gatehouse/kit';
import type { BoxHealth } from './box-health.ts';
import { both, label } from './words.ts';

const patienceMs = 60_000;
/**
 * A service that answers may still be degraded (no model, a camera that is off) and may need a person. The
 * greeting comes this long after every service answers, at the latest.
 */
const settleMs = 10_000;
const askEveryMs = 500;

export type Note = readonly [name: string, text: string];

export interface GreetingOptions {
  readonly clock: Clock;
  /** Asks the console once; `undefined` while it does not answer. */
  readonly askHealth: () => Promise<BoxHealth | undefined>;
  readonly consoleUrl: string;
  /** The one-time code if the runtime has printed one. */
  readonly setupCode: () => string | undefined;
  /** Further notes, `name` and text; asked for when the greeting is printed. */
  readonly notes: () => Promise<readonly Note[]>;
  readonly print: (text: string) => void;
}

/**
 * Waits until the console says that all is well: at most 60 s, or 10 s from when every service answers. Then
 * tells the person at the terminal how to go on.
 */
export class Greeting implements Part {
  readonly #options: GreetingOptions;
  readonly #bornMs: number;
  constructor(options: GreetingOptions) {
    this.#options = options;
    this.#bornMs = options.clock.monotonicMs();
  }

  async start(signal: AbortSignal): Promise<void> {
    const { clock, print, consoleUrl, setupCode, notes } = this.#options;
    const health = await this.#wait(signal);
    if (signal.aborted) return;
    const tookS = ((clock.monotonicMs() - this.#bornMs) / 1000).toFixed(1);
    const code = setupCode();
    const lines: Note[] = [
      [label('console'), consoleUrl],
      ...(code ? [[label('setup-code'), `${code}  (${both('asked-once')})`] as const] : []),
      ...(await notes()),
      [label('end'), 'Ctrl+C'],
    ];
    const state = health?.status === 'ok' ? both('ready', { s: tookS }) : explain(health, tookS);
    print(`\n${state}\n${lines.map(([name, text]) => `  ${padded(name)}${text}`).join('\n')}\n\n`);
  }
  stop(): void {
    return;
  }

  async #wait(signal: AbortSignal): Promise<BoxHealth | undefined> {
    const { clock, askHealth } = this.#options;
    let untilMs = clock.monotonicMs() + patienceMs;
    let health: BoxHealth | undefined;
    while (health?.status !== 'ok' && clock.monotonicMs() < untilMs && !signal.aborted) {
      const answeredBefore = allAnswer(health);
      health = await askHealth();
      if (!answeredBefore && allAnswer(health)) untilMs = Math.min(untilMs, clock.monotonicMs() + settleMs);
      if (health?.status !== 'ok') await sleep(clock, askEveryMs, signal);
    }
    return health;
  }
}

/** To 26 columns of a terminal, where a Chinese character takes two. */
function padded(name: string): string {
  const wide = name.match(/[\u2e80-\u9fff\uff00-\uff60]/g)?.length ?? 0;
  return name.padEnd(26 - wide);
}

function allAnswer(health: BoxHealth | undefined): boolean {
  return health !== undefined && Object.values(health.services).every(({ status }) => status !== 'down');
}

function explain(health: BoxHealth | undefined, tookS: string): string {
  if (!health) return both('no-console', { s: tookS });
  const unwell = Object.entries(health.services).filter(([, { status }]) => status !== 'ok');
  const services = unwell.map(([name, { status }]) => `${name} ${status}`).join(', ');
  return both('unwell', { s: tookS, services });
}
