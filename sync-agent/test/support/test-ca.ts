import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** An authority of a test's own, made by `openssl` (Debian). Files are PEM. */
export class TestCa {
  readonly #dir: string;
  readonly #name: string;
  readonly ca: string;

  constructor(dir: string, name = 'ca') {
    this.#dir = dir;
    this.#name = name;
    this.ca = join(dir, `${name}.pem`);
    const subject = ['-subj', `/CN=${name}`, '-keyout', this.#path('key'), '-out', this.ca];
    openssl(
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '10',
      ...subject,
    );
  }

  /**
   * Signs a certificate for `names` (subjectAltName entries) that ends in `days`; negative has ended already.
   */
  issue(name: string, names: string, days = 300): { cert: string; key: string } {
    const [cert, key, request] = [
      join(this.#dir, `${name}.crt`),
      join(this.#dir, `${name}.key`),
      join(this.#dir, `${name}.csr`),
    ];
    const extensions = join(this.#dir, `${name}.ext`);
    writeFileSync(extensions, `subjectAltName=${names}\n`);
    openssl(
      'req',
      '-new',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      key,
      '-out',
      request,
    );
    const by = ['-CA', this.ca, '-CAkey', this.#path('key'), '-CAcreateserial'];
    openssl(
      'x509',
      '-req',
      '-in',
      request,
      ...by,
      '-days',
      String(days),
      '-extfile',
      extensions,
      '-out',
      cert,
    );
    return { cert, key };
  }

  #path(kind: string): string {
    return join(this.#dir, `${this.#name}.${kind}`);
  }
}

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { stdio: 'pipe' });
}
