import { createHash, createHmac, randomBytes } from 'node:crypto';

export interface DigestOptions {
  readonly username: string;
  readonly password: string;
  /** Cameras of most makers name no qop (RFC 2069 style); some ask for `auth` (RFC 2617 3.2.1). */
  readonly qop?: 'auth' | undefined;
  /**
   * Seconds after which a nonce is stale; the client then repeats with a fresh one without asking its user.
   */
  readonly nonceLifeS?: number | undefined;
}

export type DigestResult = 'ok' | 'refused' | 'stale';

const realm = 'IP Camera';

/**
 * Digest access authentication with MD5 (RFC 2617 3, RFC 7616 without its new hashes, which cameras do not
 * know).
 */
export class DigestCheck {
  readonly #options: DigestOptions;
  readonly #key = randomBytes(16);
  readonly #nowS: () => number;
  /** `nowS`: seconds on any clock that does not step. */
  constructor(options: DigestOptions, nowS: () => number) {
    this.#options = options;
    this.#nowS = nowS;
  }

  /** The WWW-Authenticate value, with a nonce of its own for each call. */
  challenge(stale: boolean): string {
    const parts = [`realm="${realm}"`, `nonce="${this.#freshNonce()}"`, 'algorithm=MD5'];
    if (this.#options.qop) parts.push(`qop="${this.#options.qop}"`);
    if (stale) parts.push('stale=TRUE');
    return `Digest ${parts.join(', ')}`;
  }

  /**
   * Judges an Authorization header for a request. `stale`: the password is right, the nonce too old or not
   * ours.
   */
  check(method: string, uri: string, authorization: string | undefined): DigestResult {
    const fields = parseAuthorization(authorization);
    const { username, password, qop } = this.#options;
    if (!fields || fields.username !== username || fields.realm !== realm || fields.uri !== uri)
      return 'refused';
    // Answers without qop stay valid where it is offered (RFC 2617 3.2.2: clients of RFC 2069, such as
    // GStreamer).
    if (fields.qop !== undefined && fields.qop !== qop) return 'refused';
    const expected = digestResponse({ ...fields, username, realm, password, method, uri });
    if (fields.response !== expected) return 'refused';
    return this.#isFresh(fields.nonce ?? '') ? 'ok' : 'stale';
  }

  #freshNonce(): string {
    const body = `${this.#nowS().toFixed(3)}-${randomBytes(6).toString('hex')}`;
    return `${body}-${this.#sign(body)}`;
  }

  #isFresh(nonce: string): boolean {
    const cut = nonce.lastIndexOf('-');
    const body = nonce.slice(0, cut);
    if (cut < 0 || nonce.slice(cut + 1) !== this.#sign(body)) return false;
    return this.#nowS() - Number.parseFloat(body) <= (this.#options.nonceLifeS ?? 300);
  }

  #sign(body: string): string {
    return createHmac('sha256', this.#key).update(body).digest('hex').slice(0, 16);
  }
}

export interface DigestInput {
  readonly username: string;
  readonly realm: string;
  readonly password: string;
  readonly method: string;
  readonly uri: string;
  readonly nonce?: string | undefined;
  readonly qop?: string | undefined;
  readonly nc?: string | undefined;
  readonly cnonce?: string | undefined;
}

/** The request-digest (RFC 2617 3.2.2.1). */
export function digestResponse(input: DigestInput): string {
  const ha1 = md5(`${input.username}:${input.realm}:${input.password}`);
  const ha2 = md5(`${input.method}:${input.uri}`);
  const middle = input.qop ? `${input.nonce}:${input.nc}:${input.cnonce}:${input.qop}` : `${input.nonce}`;
  return md5(`${ha1}:${middle}:${ha2}`);
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

type AuthField = 'username' | 'realm' | 'nonce' | 'uri' | 'response' | 'qop' | 'nc' | 'cnonce';

function parseAuthorization(header: string | undefined): Partial<Record<AuthField, string>> | undefined {
  if (!header || !/^digest\s/i.test(header)) return undefined;
  const fields: Record<string, string> = {};
  for (const match of header.slice(7).matchAll(/(\w+)\s*=\s*(?:"([^"]*)"|([^\s,]+))/g))
    fields[(match[1] ?? '').toLowerCase()] = match[2] ?? match[3] ?? '';
  return fields;
}
