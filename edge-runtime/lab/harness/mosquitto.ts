import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { accepts, freePort } from './ports.ts';
import { Program } from './program.ts';

/**
 * A real mosquitto (Debian package "mosquitto") on a free port of 127.0.0.1: MQTT 5 and 3.1.1, without
 * persistence.
 */
export class Mosquitto {
  readonly port: number;
  readonly url: string;
  readonly #program: Program;

  private constructor(port: number, file: string) {
    this.port = port;
    this.url = `mqtt://127.0.0.1:${port}`;
    this.#program = new Program(['mosquitto', '-c', file]);
  }

  /**
   * Starts one with its configuration in `folder`; `config` lines are added to it. Resolves once it listens.
   */
  static async start(folder: string, config: readonly string[] = []): Promise<Mosquitto> {
    const port = await freePort();
    const file = join(folder, `mosquitto-${port}.conf`);
    writeFileSync(file, `${[...ownLines(port), ...openUnless(config), ...config].join('\n')}\n`);
    const broker = new Mosquitto(port, file);
    await broker.restart();
    return broker;
  }

  get pid(): number {
    return this.#program.pid;
  }

  /** Starts it again after a kill. */
  async restart(): Promise<void> {
    await this.#program.start().until('mosquitto listens', () => accepts(this.port));
  }

  async end(): Promise<void> {
    await this.#program.end();
  }

  /** Ends it by SIGKILL; everything that it held in memory is gone. */
  async kill(): Promise<void> {
    await this.#program.kill();
  }
}

function ownLines(port: number): string[] {
  const lines = [`listener ${port} 127.0.0.1`, 'persistence false', 'log_dest none', 'set_tcp_nodelay true'];
  // As root it would change to the user mosquitto, who cannot read the folder of a test.
  return process.getuid?.() === 0 ? [...lines, 'user root'] : lines;
}

/** Anybody may log in, unless the configuration says who may. */
function openUnless(config: readonly string[]): string[] {
  return config.some((line) => line.startsWith('allow_anonymous')) ? [] : ['allow_anonymous true'];
}
