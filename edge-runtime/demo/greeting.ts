import { request } from 'node:http';
import { type Clock, type Part, readBounded, sleep } from '@gatehouse/kit';
import { z } from 'zod';

const Health = z.object({
  status: z.string(),
  services: z.record(z.string(), z.object({ status: z.string() })),
});
type Health = z.infer<typeof Health>;

const patienceMs = 60_000;
const askEveryMs = 500;

export interface GreetingOptions {
  readonly clock: Clock;
  /** Where the console answers, without a slash at the end. */
  readonly consoleUrl: string;
  /** The one-time code if the runtime has printed one. */
  readonly setupCode: () => string | undefined;
  /** What else to tell, `name` and text. */
  readonly notes: readonly (readonly [name: string, text: string])[];
  readonly print: (text: string) => void;
}

/** Waits until the console says that all is well, at most 60 s, then tells the person at the terminal how to go on. */
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
    const lines: (readonly [string, string])[] = [
      ['Console', consoleUrl],
      ...(code
        ? [['Set-up code', `${code}  (asked for once, to create the first administrator)`] as const]
        : []),
      ...notes,
      ['Stop', 'Ctrl+C'],
    ];
    const verdict = health?.status === 'ok' ? `Ready after ${tookS} s.` : explain(health, tookS);
    print(`\n${verdict}\n${lines.map(([name, text]) => `  ${name.padEnd(15)}${text}`).join('\n')}\n\n`);
  }
  stop(): void {
    return;
  }

  async #wait(signal: AbortSignal): Promise<Health | undefined> {
    const { clock, consoleUrl } = this.#options;
    const untilMs = clock.monotonicMs() + patienceMs;
    let health: Health | undefined;
    while (health?.status !== 'ok' && clock.monotonicMs() < untilMs && !signal.aborted) {
      health = await askHealth(consoleUrl);
      if (health?.status !== 'ok') await sleep(clock, askEveryMs, signal);
    }
    return health;
  }
}

function explain(health: Health | undefined, tookS: string): string {
  if (!health) return `The console does not answer after ${tookS} s; the logs say why.`;
  const unwell = Object.entries(health.services).filter(([, { status }]) => status !== 'ok');
  const list = unwell.map(([name, { status }]) => `${name} is ${status}`).join(', ');
  return `Running, but not all is well after ${tookS} s: ${list}; the logs say why.`;
}

/** `GET /api/health`; `undefined` while nobody answers it properly. */
async function askHealth(consoleUrl: string): Promise<Health | undefined> {
  try {
    const body = await get(`${consoleUrl}/api/health`);
    return Health.safeParse(JSON.parse(body.toString('utf8'))).data;
  } catch {
    return undefined;
  }
}

function get(url: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const call = request(url, { agent: false, signal: AbortSignal.timeout(2000) });
    call.once('error', reject);
    call.once('response', (response) => readBounded(response, 64 * 1024).then(resolve, reject));
    call.end();
  });
}
