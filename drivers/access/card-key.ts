import { createHmac, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Credential } from '@gatehouse/contracts';
import { errorOf } from '@gatehouse/kit';
import type { CardNumber } from '../bus/cards/card-number.ts';

const keyBytes = 32;

/** The key of this box's cards; made once, readable by its owner only. Throws `CARD_KEY_UNUSABLE`. */
export function cardKey(file: string): Buffer {
  try {
    if (!existsSync(file)) {
      writeFileSync(`${file}.new`, randomBytes(keyBytes), { mode: 0o600, flush: true });
      renameSync(`${file}.new`, file);
    }
    const key = readFileSync(file);
    if (key.length === keyBytes) return key;
    throw new Error(`it has ${key.length} bytes, not ${keyBytes}`);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw errorOf('CARD_KEY_UNUSABLE', { file, message }, { cause });
  }
}

/** What stands for a card outside of memory. */
export function credentialOf(key: Buffer, card: CardNumber): Credential {
  return createHmac('sha256', key).update(card.reveal()).digest('hex').slice(0, 16);
}
