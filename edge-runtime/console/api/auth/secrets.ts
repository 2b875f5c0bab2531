import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 bits, base64url: session and editor tokens. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** True if a text has the form of a token. */
export function isToken(text: string): boolean {
  return /^[A-Za-z0-9_-]{43}$/.test(text);
}

/** SHA-256, lower case hex. Enough for tokens of 256 random bits; passwords take argon2id. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Compares two texts in a time that shows neither the place of a difference nor a length. */
export function sameSecret(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

/** No 0/O, 1/I/L: read aloud from a log and typed on a phone. 31 characters. */
const codeAlphabet = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';

/** A one-time code of three groups of four, e.g. `7KQM-2XWD-HF9R` (59 bits). */
export function newSetupCode(): string {
  const characters: string[] = [];
  while (characters.length < 12)
    for (const byte of randomBytes(24)) {
      const letter = codeAlphabet[byte];
      if (byte < codeAlphabet.length && letter && characters.length < 12) characters.push(letter);
    }
  return [0, 4, 8].map((i) => characters.slice(i, i + 4).join('')).join('-');
}

/** The code as typed: any case, with or without its hyphens and spaces. */
export function normalizeCode(typed: string): string {
  return typed.toUpperCase().replace(/[^A-Z0-9]/g, '');
}
