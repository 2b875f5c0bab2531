import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Program } from '@gatehouse/harness';
import { LocalClient, type SocketCaller, type SocketOwner, socketPath } from '@gatehouse/kit';
import { nodeFlagsOf } from '../demo/process-table.ts';

const root = join(import.meta.dirname, '..', '..', '..');

const mains = {
  drivers: 'drivers/main.ts',
  vision: 'edge-runtime/vision/main.ts',
  runtime: 'edge-runtime/runtime/main.ts',
  flows: 'flows/main.ts',
} as const;
export type ServiceName = keyof typeof mains;

/** A site with one camera and one zone. */
const siteText = (camera: string) => `version: 1
site: { id: compound, name: { zh-CN: 锦绣花园, en: Jinxiu Garden } }
box: { id: box-1 }
cameras:
  - id: east
    name: { zh-CN: 东门, en: East gate }
    url: "${camera}"
    zones:
      - id: fire-lane
        name: { zh-CN: 消防车道, en: Fire lane }
        polygon: [[0, 0], [1, 0], [1, 1]]
        rules: [{ kind: fire-passage }]
`;

export interface SmallBoxOptions {
  /** More lines of the site file. */
  readonly site?: string;
  /** The camera's address; nobody answers for it if absent. */
  readonly camera?: string;
}

/** Chosen services of the box as the processes they are, in folders of their own, without boards. */
export class SmallBox {
  readonly folder = mkdtempSync(join(tmpdir(), 'gh-sb-'));
  readonly siteFile = join(this.folder, 'site', 'site.yaml');
  readonly env: NodeJS.ProcessEnv;
  readonly #services = new Map<ServiceName, Program>();

  constructor({ site = '', camera = 'rtsp://127.0.0.1:9/x' }: SmallBoxOptions = {}) {
    mkdirSync(join(this.folder, 'site'));
    writeFileSync(this.siteFile, `${siteText(camera)}${site}`);
    this.env = {
      ...process.env,
      GATEHOUSE_SITE: this.siteFile,
      GATEHOUSE_STATE_DIR: join(this.folder, 'state'),
      GATEHOUSE_RUN_DIR: join(this.folder, 'r'),
      GATEHOUSE_CONSOLE_PORT: '0',
    };
  }

  /** Starts services one after the other, each once the one before has started. */
  async start(...names: readonly ServiceName[]): Promise<void> {
    for (const name of names) {
      const main = mains[name];
      const service = Program.ofNode([...nodeFlagsOf(main), join(root, main)], { env: this.env });
      this.#services.set(name, service.start());
      await service.said(/"service-started"/);
    }
  }

  output(name: ServiceName): string {
    return this.#services.get(name)?.output ?? '';
  }

  /** Number of files and sockets that a service has open. */
  openFiles(name: ServiceName): number {
    return readdirSync(`/proc/${this.pid(name)}/fd`).length;
  }

  pid(name: ServiceName): number | undefined {
    return this.#services.get(name)?.pid;
  }

  ended(name: ServiceName): boolean {
    return this.#services.get(name)?.ended ?? true;
  }

  /** `http://127.0.0.1:PORT` of a listener, as the runtime has logged it. */
  address(event: string): string {
    const found = new RegExp(`"event":"${event}","address":"([^"]+)"`).exec(this.output('runtime'))?.[1];
    if (found === undefined)
      throw new Error(`the runtime has not logged ${event}: ${this.output('runtime')}`);
    return found;
  }

  client(owner: SocketOwner, caller: SocketCaller): LocalClient {
    return new LocalClient(owner, socketPath(owner, caller, this.env));
  }

  siteFileText(): string {
    return readFileSync(this.siteFile, 'utf8');
  }

  async stop(): Promise<void> {
    for (const service of [...this.#services.values()].toReversed()) await service.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
