import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorOf, type GatehouseError, systemCode, writeDurablyAsync } from '@gatehouse/kit';
import type { ModelEntry } from './catalogue.ts';

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The error of a file whose content is not the catalogue's. */
export function corrupt(entry: ModelEntry, place: string, found: string, remedy: string): GatehouseError {
  const { id: model, sha256, bytes } = entry;
  return errorOf('MODEL_CORRUPT', { place, model, sha256, bytes, found, remedy });
}

/**
 * Reads a model file and checks size and SHA-256 on the very bytes it returns, so that nothing can change
 * between check and use. Throws `MODEL_CORRUPT`, `MODEL_MISSING` (no such file) or `MODEL_UNREADABLE`.
 */
export async function readModelFile(entry: ModelEntry, file: string): Promise<Uint8Array> {
  const bytes = await readUpTo(file, entry.bytes + 1).catch((cause) => {
    throw unreadable(entry, file, cause);
  });
  if (bytes.length !== entry.bytes) {
    const size = bytes.length > entry.bytes ? 'more' : String(bytes.length);
    throw corrupt(entry, file, `${size} bytes`, corruptRemedy(entry, file));
  }
  const found = sha256Of(bytes);
  if (found !== entry.sha256) throw corrupt(entry, file, found, corruptRemedy(entry, file));
  return bytes;
}

function corruptRemedy(entry: ModelEntry, file: string): string {
  if (entry.source.kind === 'bundled') return bundledRemedy(file);
  return `Replace ${file} or delete it and run: npm run gatehouse -- models fetch ${entry.id}`;
}

function bundledRemedy(file: string): string {
  return `${file} is part of the software: install it again, or in a checkout: git checkout -- ${file}`;
}

function unreadable(entry: ModelEntry, file: string, cause: unknown): GatehouseError {
  const reason = systemCode(cause) ?? String(cause);
  const values = { model: entry.id, file, reason };
  if (reason !== 'ENOENT' && reason !== 'ENOTDIR') return errorOf('MODEL_UNREADABLE', values, { cause });
  return errorOf('MODEL_MISSING/file', { ...values, remedy: missingRemedy(entry, file) }, { cause });
}

function missingRemedy(entry: ModelEntry, file: string): string {
  if (entry.source.kind === 'bundled') return bundledRemedy(file);
  return `Run: npm run gatehouse -- models fetch ${entry.id}`;
}

/** At most `limit` bytes from the start of a file: a wrong file of gigabytes costs no memory. */
async function readUpTo(file: string, limit: number): Promise<Uint8Array> {
  const handle = await open(file, 'r');
  try {
    const bytes = new Uint8Array(limit);
    let size = 0;
    while (size < limit) {
      const { bytesRead } = await handle.read(bytes, size, limit - size, size);
      if (bytesRead === 0) break;
      size += bytesRead;
    }
    return bytes.subarray(0, size);
  } finally {
    await handle.close();
  }
}

/**
 * Puts a model into the cache so that a crash at any moment leaves the old file or the whole new one.
 * Refuses bytes that are not the catalogue's.
 */
export async function storeModelFile(entry: ModelEntry, file: string, bytes: Uint8Array): Promise<void> {
  const found = sha256Of(bytes);
  if (found !== entry.sha256) throw corrupt(entry, file, found, corruptRemedy(entry, file));
  const folder = dirname(file);
  try {
    await mkdir(folder, { recursive: true });
    // A name of its own: the command line and vision may fetch the same model at once.
    await writeDurablyAsync(file, bytes, 0o644, `${file}.${randomUUID()}.part`);
  } catch (cause) {
    throw errorOf(
      'MODEL_CACHE_UNWRITABLE',
      { model: entry.id, file, reason: systemCode(cause) ?? String(cause), folder },
      { cause },
    );
  }
}
