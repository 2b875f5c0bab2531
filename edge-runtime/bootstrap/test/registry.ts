import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A package as it lies in the registry: its name, and its files besides package.json. */
export interface Package {
  readonly name: string;
  readonly version: string;
  readonly files: Readonly<Record<string, string>>;
}

interface Packed extends Package {
  readonly tarball: Buffer;
  readonly integrity: string;
}

/**
 * A registry on loopback that a real npm installs from; it can hold an answer back for as long as a test
 * likes.
 */
export class Registry {
  readonly #packed: readonly Packed[];
  #url = '';
  readonly #server = createServer((request, response) => this.#answer(request.url ?? '', response));
  #served = 0;
  #holdAfter = Number.POSITIVE_INFINITY;
  #spoilt = '';
  #held: (() => void)[] = [];
  #onHeld: () => void = () => undefined;

  constructor(packages: readonly Package[]) {
    this.#packed = packages.map(pack);
  }

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }
  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  get url(): string {
    return this.#url;
  }
  /** Tarballs given out since the start. */
  get served(): number {
    return this.#served;
  }
  get packages(): readonly { readonly name: string; readonly version: string; readonly integrity: string }[] {
    return this.#packed;
  }

  /**
   * From now on the tarball after the next `count` is held back, and those after it; resolves when one is.
   */
  holdAfter(count: number): Promise<void> {
    this.#holdAfter = this.#served + count;
    return new Promise((resolve) => {
      this.#onHeld = resolve;
    });
  }
  letGo(): void {
    this.#holdAfter = Number.POSITIVE_INFINITY;
    for (const give of this.#held.splice(0)) give();
  }

  /** From now on the tarball of a package is another than its integrity says. */
  spoil(name: string): void {
    this.#spoilt = name;
  }

  #answer(url: string, response: ServerResponse): void {
    const path = decodeURIComponent(url.slice(1));
    const tarball = this.#packed.find(({ name }) => path === `${name}.tgz`);
    const packument = this.#packed.find(({ name }) => path === name);
    if (packument) return void response.end(JSON.stringify(this.#describe(packument)));
    if (!tarball) return void response.writeHead(404).end();
    const give = () => {
      this.#served++;
      response.end(this.#spoilt === path.slice(0, -4) ? Buffer.from('spoilt') : tarball.tarball);
    };
    if (this.#served < this.#holdAfter) {
      give();
      return;
    }
    this.#held.push(give);
    this.#onHeld();
  }

  #describe({ name, version, integrity }: Packed) {
    const dist = { tarball: `${this.url}${name}.tgz`, integrity };
    return { name, 'dist-tags': { latest: version }, versions: { [version]: { name, version, dist } } };
  }
}

function pack(one: Package): Packed {
  const folder = mkdtempSync(join(tmpdir(), 'registry-'));
  try {
    const files = { 'package.json': JSON.stringify({ name: one.name, version: one.version }), ...one.files };
    for (const [path, text] of Object.entries(files)) {
      const file = join(folder, 'package', path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text, { mode: 0o755 });
    }
    const packed = spawnSync('tar', ['-czf', join(folder, 'p.tgz'), '-C', folder, 'package']);
    if (packed.status !== 0) throw new Error(String(packed.stderr));
    const tarball = readFileSync(join(folder, 'p.tgz'));
    const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
    return { ...one, tarball, integrity };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
