import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A package's files, by path, and the program that it runs when it is installed. */
export interface DebianPackage {
  readonly name: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly postinst?: string;
}

/**
 * The real apt and dpkg on a root, a database and a source of packages of their own. Everything that they
 * install, lock and break stays in `dir`. Needs root, as dpkg does.
 */
export class ScratchDebian {
  readonly dir = mkdtempSync(join(tmpdir(), 'debian-'));
  readonly root = join(this.dir, 'root');
  readonly #database = join(this.root, 'var/lib/dpkg');
  readonly #repository = join(this.dir, 'repository');

  constructor(packages: readonly DebianPackage[]) {
    for (const folder of ['info', 'updates', 'triggers'])
      mkdirSync(join(this.#database, folder), { recursive: true });
    for (const file of ['status', 'available']) writeFileSync(join(this.#database, file), '');
    for (const folder of ['repository', 'etc', 'none', 'log', 'lists', 'cache'])
      mkdirSync(join(this.dir, folder));
    writeFileSync(join(this.#repository, 'Packages'), packages.map((one) => this.#pack(one)).join('\n'));
    this.source(`file:${this.#repository}`);
    const settings = {
      Dir: this.dir,
      'Dir::Etc': join(this.dir, 'etc'),
      'Dir::Etc::parts': join(this.dir, 'none'),
      'Dir::State': this.dir,
      'Dir::State::status': join(this.#database, 'status'),
      'Dir::Cache': join(this.dir, 'cache'),
      'Dir::Log': join(this.dir, 'log'),
      'APT::Sandbox::User': 'root',
      'Acquire::Retries': '0',
    };
    const lines = Object.entries(settings).map(([name, value]) => `${name} "${value}";`);
    writeFileSync(join(this.dir, 'apt.conf'), lines.join('\n'));
  }

  /** Sets the address that apt asks for packages. */
  source(uri: string): void {
    writeFileSync(join(this.dir, 'etc/sources.list'), `deb [trusted=yes] ${uri} ./\n`);
  }

  environment(): Readonly<Record<string, string>> {
    return {
      APT_CONFIG: join(this.dir, 'apt.conf'),
      DPKG_ROOT: this.root,
      DPKG_ADMINDIR: this.#database,
      DPKG_FORCE: 'script-chrootless',
    };
  }

  /** The locks of apt and dpkg, as files. */
  lock(which: 'dpkg' | 'lists'): string {
    return which === 'dpkg' ? join(this.#database, 'lock-frontend') : join(this.dir, 'lists/lock');
  }

  /** Names of the packages that are installed, whole. */
  installed(): string[] {
    const env = { ...process.env, ...this.environment() };
    const format = `--showformat=\${Package} \${Status}\\n`;
    const { stdout } = spawnSync('dpkg-query', ['--show', format], { env, encoding: 'utf8' });
    return [...stdout.matchAll(/^(\S+) install ok installed$/gm)].map(([, name]) => name ?? '');
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }

  #pack({ name, files = {}, postinst }: DebianPackage): string {
    const folder = join(this.dir, 'packed', name);
    mkdirSync(join(folder, 'DEBIAN'), { recursive: true });
    mkdirSync(join(folder, 'opt'));
    const control = [
      `Package: ${name}`,
      'Version: 1',
      'Architecture: all',
      'Maintainer: nobody <nobody@example.org>',
      'Description: nothing\n',
    ].join('\n');
    writeFileSync(join(folder, 'DEBIAN/control'), control);
    if (postinst) writeFileSync(join(folder, 'DEBIAN/postinst'), `#!/bin/sh\n${postinst}\n`, { mode: 0o755 });
    for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, 'opt', path), text);
    const file = join(this.#repository, `${name}.deb`);
    const built = spawnSync('dpkg-deb', ['--build', folder, file], { encoding: 'utf8' });
    if (built.status !== 0) throw new Error(built.stderr);
    const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
    return `${control}Filename: ./${name}.deb\nSize: ${statSync(file).size}\nSHA256: ${sha256}\n`;
  }
}
