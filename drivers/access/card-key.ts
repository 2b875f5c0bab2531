import { createHmac, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { Credential } from '@gatehouse/contracts';
import { errorOf, writeDurably } from '@gatehouse/kit';
import type { CardNumber } from '../bus/cards/card-number.ts';

const keyBytes = 32;

/** The key of this box's cards; made once, readable by its owner only. Throws `CARD_KEY_UNUSABLE`. */
export function cardKey(file: string): Buffer {
  try {
    if (!existsSync(file)) writeDurably(file, randomBytes(keyBytes), 0o600);
    const key = readFileSync(file);
    if (key.length === keyBytes) return key;
    throw new Error(`it has ${key.length} bytes, not ${keyBytes}`);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw errorOf('CARD_KEY_UNUSABLE', { file, message }, { cause });
  }
}

/** Stands for a card outside of memory. */
export function credentialOf(key: Buffer, card: CardNumber): Credential {
  return createHmac('sha256', key).update(card.reveal()).digest('hex').slice(0, 16);
}
