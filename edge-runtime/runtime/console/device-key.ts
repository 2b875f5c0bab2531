import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Log, systemCode, writeDurably } from '@gatehouse/kit';

const keyBytes = 32;

/**
 * The key that signs device cookies, kept in a file of its own. A damaged key, or one that cannot be saved,
 * is replaced, and the log says so. Then every browser is unknown until its next log-in. That is no reason to
 * keep the box from starting.
 */
export function deviceKey(file: string, log: Log): Buffer {
  const kept = readKey(file, log);
  if (kept?.length === keyBytes) return kept;
  if (kept) log.warn('device-key-damaged', { file, bytes: kept.length });
  const made = randomBytes(keyBytes);
  try {
    writeDurably(file, made, 0o600);
  } catch (error) {
    log.warn('device-key-not-kept', { file, error });
  }
  return made;
}

function readKey(file: string, log: Log): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') log.warn('device-key-unreadable', { file, error });
    return undefined;
  }
}
