/**
 * Log-in under attack: `npm run bench -- console [--samples N]`, about a minute. Six threads guess passwords
 * at the runtime's real process, each guess from another address, half of them at names that there are.
 * Meanwhile a browser and an address that are known log in. The floor of a log-in is one bare hash of a
 * password in this process; that of the console's answers and of the runtime's share of the cores is the same
 * without the attack.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { hashPassword } from '../../console/api/auth/passwords.ts';
import { addressIn, deviceIn, logInFrom } from '../../console/api/test/log-in-from.ts';
import { ConsoleClient } from '../e2e/console-client.ts';
import { SmallBox } from '../e2e/small-box.ts';
import { percentile, reporter } from './bench-report.ts';

const report = reporter('console');
const targetMs = 2_000;
const threads = 6;
/** The strangers' hashes take half a core; the rest is HTTP. The other core is for rules and doors. */
const mostCores = 1;
const knownAddress = '127.30.0.1';
const admin = { user: 'chen', password: 'night shift 3' };
/** The user whose password is guessed. The same user logs in meanwhile. */
const wang = { user: 'wang', password: 'night shift 4' };
const { values } = parseArgs({ options: { samples: { type: 'string', default: '50' } } });
const samples = Number(values.samples);

/** Threads that guess without a pause until they are stopped. */
class Attack {
  readonly #port: number;
  readonly #startMs = performance.now();
  readonly #threads: Promise<void>[];
  #guesses = 0;
  #going = true;
  constructor(port: number) {
    this.#port = port;
    this.#threads = Array.from({ length: threads }, (_, thread) => this.#guess(thread));
  }

  async #guess(thread: number): Promise<void> {
    for (let n = 0; this.#going; n++) {
      const user = n % 2 === 0 ? wang.user : `made-up-${thread}-${n}`;
      const { status } = await logInFrom(this.#port, addressIn(40 + thread, n), {
        user,
        password: 'a guess',
      });
      if (status === 200) throw new Error('a guess was right');
      this.#guesses++;
    }
  }

  /** Waits until this many guesses were answered. */
  async until(guesses: number): Promise<void> {
    while (this.#guesses < guesses) await wait(50);
  }

  /** Ends it; returns guesses per second. */
  async stop(): Promise<number> {
    this.#going = false;
    await Promise.all(this.#threads);
    return this.#guesses / ((performance.now() - this.#startMs) / 1000);
  }
}

const box = new SmallBox();
try {
  await box.start('runtime');
  const origin = box.address('console-listening');
  const port = Number(new URL(origin).port);
  const { code } = (await box.client('runtime', 'cli').call('GET', '/setup-code')) as { code: string };
  const page = new ConsoleClient(origin);
  await page.enter('/api/setup', { code, ...admin });
  await page.post('/api/users', { ...wang, role: 'guard', confirm: admin.password });
  const browser = deviceIn(await enter(port, knownAddress));

  const hashMs = percentile(await timed(() => hashPassword(wang.password)), 0.5);
  const quiet = await usual(page);

  const attack = new Attack(port);
  try {
    await attack.until(200);
    const knownMs = {
      browser: await timed((n) => enter(port, addressIn(50, n), browser)),
      address: await timed(() => enter(port, knownAddress)),
    };
    const attacked = await usual(page);
    for (const [who, tookMs] of Object.entries(knownMs)) {
      report(`known-${who}-log-in-p50`, percentile(tookMs, 0.5), 'ms', { floor: hashMs });
      report(`known-${who}-log-in-most`, Math.max(...tookMs), 'ms', { floor: hashMs, target: targetMs });
    }
    report('console-answer-p99', attacked.answerMs, 'ms', { floor: quiet.answerMs });
    report('runtime-cores', attacked.cores, 'cores', { floor: quiet.cores, target: mostCores });
  } finally {
    report('guesses', await attack.stop(), '1/s');
  }
} finally {
  await box.stop();
}

async function enter(port: number, address: string, cookie?: string) {
  const answer = await logInFrom(port, address, wang, cookie);
  if (answer.status !== 200)
    throw new Error(`the right password from ${address}: ${answer.status} ${answer.code}`);
  return answer;
}

/** Duration of each run, in ms. */
async function timed(run: (n: number) => Promise<unknown>): Promise<number[]> {
  const tookMs: number[] = [];
  for (let n = 0; n < samples; n++) {
    const startMs = performance.now();
    await run(n);
    tookMs.push(performance.now() - startMs);
  }
  return tookMs;
}

/** Answer time of an open page, and the runtime's use of the cores, over some seconds. */
async function usual(page: ConsoleClient): Promise<{ answerMs: number; cores: number }> {
  const [startMs, startCpu] = [performance.now(), cpuSeconds()];
  const tookMs: number[] = [];
  for (let n = 0; n < samples; n++) {
    const askedMs = performance.now();
    await page.get('/api/incidents');
    tookMs.push(performance.now() - askedMs);
    await wait(100);
  }
  const cores = (cpuSeconds() - startCpu) / ((performance.now() - startMs) / 1000);
  return { answerMs: percentile(tookMs, 0.99), cores };
}

/** CPU time of the runtime so far; Linux counts it in hundredths of a second. */
function cpuSeconds(): number {
  const stat = readFileSync(`/proc/${box.pid('runtime')}/stat`, 'utf8');
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  return (Number(user) + Number(system)) / 100;
}
