import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { errorOf } from '@gatehouse/kit';

const derive = promisify(argon2);

interface Cost {
  readonly memoryKiB: number;
  readonly passes: number;
  readonly parallelism: number;
}

/**
 * OWASP Password Storage Cheat Sheet: argon2id, 19 MiB, t=2, p=1; about 50 ms on one core. `HashLane` bounds
 * how many run at once.
 */
const cost: Cost = { memoryKiB: 19_456, passes: 2, parallelism: 1 };
/** A stored hash may not make the box spend more than this. */
const maxCost: Cost = { memoryKiB: 262_144, passes: 10, parallelism: 4 };
const saltBytes = 16;
const tagBytes = 32;

function derived(password: string, salt: Buffer, c: Cost, length: number): Promise<Buffer> {
  return derive('argon2id', {
    message: Buffer.from(password.normalize('NFC')),
    nonce: salt,
    parallelism: c.parallelism,
    tagLength: length,
    memory: c.memoryKiB,
    passes: c.passes,
  });
}

/** argon2id (RFC 9106) in PHC string format, version 19. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltBytes);
  const tag = await derived(password, salt, cost, tagBytes);
  const b64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');
  return `$argon2id$v=19$m=${cost.memoryKiB},t=${cost.passes},p=${cost.parallelism}$${b64(salt)}$${b64(tag)}`;
}

/** True if the hash is of `password`. Throws `PASSWORD_HASH_INVALID` for a hash of another kind. */
export async function verifyPassword(password: string, phc: string): Promise<boolean> {
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(phc);
  const [, memory, passes, parallelism, salt = '', tag = ''] = match ?? [];
  const c: Cost = {
    memoryKiB: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
  };
  const payable =
    c.memoryKiB <= maxCost.memoryKiB && c.passes <= maxCost.passes && c.parallelism <= maxCost.parallelism;
  if (!match || !payable) throw errorOf('PASSWORD_HASH_INVALID');
  const expected = Buffer.from(tag, 'base64');
  return timingSafeEqual(await derived(password, Buffer.from(salt, 'base64'), c, expected.length), expected);
}
