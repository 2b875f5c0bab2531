import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { boxIn, Mosquitto, Program } from '@gatehouse/harness';
import { nodeFlagsOf } from '../../demo/process-table.ts';
import { laneYaml } from '../parking-lane.ts';
import { arrivedCount, type Balance, judge, waiting } from './oracle.ts';
import { MatrixDrivers, MatrixVision, witness } from './sources.ts';

const root = join(import.meta.dirname, '../../../..');
export const victims = ['runtime', 'sync', 'receiver', 'broker'] as const;
export type Victim = (typeof victims)[number];
type Service = Exclude<Victim, 'broker'>;

export interface ChainOptions {
  /** Environment of the box's services and the receiver besides their own. */
  readonly env?: NodeJS.ProcessEnv;
  /** The port where the receiver finds the broker, if not the broker's own. */
  readonly receiverPort?: (brokerPort: number) => Promise<number>;
}

/** A whole chain, each its own process: simulated sources -> runtime -> sync -> mosquitto -> receiver. */
export class Chain {
  readonly folder = mkdtempSync(join(tmpdir(), 'gh-lm-'));
  readonly boxFolder = join(this.folder, 'box');
  readonly platformFolder = join(this.folder, 'platform');
  readonly boxFile = join(this.boxFolder, 'events.db');
  readonly platformFile = join(this.platformFolder, 'receiver.db');
  readonly #vision = new MatrixVision();
  readonly #drivers = new MatrixDrivers();
  readonly #witnessed = new Set<string>();
  readonly #abort = new AbortController();
  readonly #options: ChainOptions;
  #processes: (Readonly<Record<Service, Program>> & { readonly broker: Mosquitto }) | undefined;
  #feeding: Promise<void> = Promise.resolve();
  #feed = true;

  constructor(options: ChainOptions = {}) {
    this.#options = options;
    mkdirSync(this.boxFolder);
    mkdirSync(this.platformFolder);
  }

  async start(): Promise<void> {
    const broker = await Mosquitto.start(this.folder);
    const { port } = broker;
    const site = `version: 1
site: { id: matrix, name: { zh-CN: 测试, en: Matrix } }
box: { id: matrix }
${laneYaml}uplink: { url: "mqtt://127.0.0.1:${port}", window: 20, ackTimeoutS: 1 }
`;
    const env = { ...this.#options.env, ...boxIn(this.boxFolder, site) };
    const service = (main: string, ...args: string[]) =>
      Program.ofNode([...nodeFlagsOf(main), join(root, main), ...args], { env });
    const receiverPort = (await this.#options.receiverPort?.(port)) ?? port;
    this.#processes = {
      broker,
      receiver: service(
        'sync-agent/receiver/main.ts',
        '--url',
        `mqtt://127.0.0.1:${receiverPort}`,
        '--db',
        this.platformFile,
      ),
      runtime: service('edge-runtime/runtime/main.ts'),
      sync: service('sync-agent/main.ts'),
    };
    await this.#vision.listen(env);
    await this.#drivers.listen(env);
    void witness(env, this.#witnessed, this.#abort.signal);
    for (const victim of ['receiver', 'runtime', 'sync'] as const) await this.restart(victim);
    this.#feeding = this.#feedOn();
    await this.progress(120_000);
  }

  async kill(victim: Victim): Promise<void> {
    await this.#processes?.[victim].kill();
  }

  async restart(victim: Victim): Promise<void> {
    if (victim === 'broker') await this.#processes?.broker.restart();
    else this.#processes?.[victim].start();
  }

  /** Waits until the platform has taken something in since this was called. */
  async progress(limitMs: number): Promise<void> {
    const before = arrivedCount(this.platformFile);
    for (let leftMs = limitMs; arrivedCount(this.platformFile) <= before; leftMs -= 50) {
      if (leftMs < 0) throw new Error(`nothing arrived for ${limitMs} ms (${this.folder})`);
      await wait(50);
    }
  }

  /** No more new events; waits until the outbox is empty, stops everything and judges. */
  async finish(): Promise<Balance> {
    this.#feed = false;
    await this.#feeding;
    const runtime = this.#processes?.runtime;
    for (let tries = 0; tries < 10; tries++) {
      await this.#quiet(tries);
      await runtime?.end();
      if (waiting(this.boxFile) === 0) break;
      runtime?.start();
    }
    await this.stop();
    return judge(this.boxFile, this.platformFile, {
      witnessed: this.#witnessed,
      devices: this.#drivers.acknowledged,
    });
  }

  /**
   * Waits until nothing has arrived for some time: longer each time, because a link that was lost often backs
   * off by up to 30 s.
   */
  async #quiet(tries: number): Promise<void> {
    for (
      let before = -1, now = arrivedCount(this.platformFile);
      now !== before;
      now = arrivedCount(this.platformFile)
    ) {
      before = now;
      await wait(3000 + tries * 5000);
    }
  }

  async stop(): Promise<void> {
    this.#feed = false;
    await this.#feeding;
    this.#abort.abort();
    for (const name of ['runtime', 'sync', 'receiver'] as const) await this.#processes?.[name].end();
    await this.#processes?.broker.kill();
    await this.#vision.close();
    await this.#drivers.close();
  }

  cleanUp(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** About 20 incident changes and 10 device events a second. */
  async #feedOn(): Promise<void> {
    for (let n = 0; this.#feed; n++) {
      this.#vision.next();
      if (n % 2 === 0) this.#drivers.next();
      await wait(50);
    }
  }
}
