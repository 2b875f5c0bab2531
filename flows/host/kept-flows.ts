import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Log, syncPath, writeDurably } from '@gatehouse/kit';
import { z } from 'zod';

/**
 * Starts of the process with new flows before they have proved themselves; after one more the old ones are
 * put back.
 */
const mostStarts = 3;

const Kept = z.strictObject({
  version: z.int().min(1),
  /** Digest of what replaced these flows. */
  replacedBy: z.string(),
  /** As they were, key by key: checked or sorted they would be other flows. */
  flows: z.array(z.record(z.string(), z.unknown())),
  /** The file of Node-RED's credentials as it was, encrypted; absent where there was none. */
  credentials: z.record(z.string(), z.unknown()).optional(),
  starts: z.int().min(0),
});
export type Kept = z.infer<typeof Kept>;

/** Stands for flows. Node-RED keeps a flow's order of nodes and keys, in memory and in its file. */
export function digestOf(flows: unknown): string {
  return createHash('sha256').update(JSON.stringify(flows)).digest('hex');
}

/**
 * The flows that a deployment of the platform replaced, with their credentials, which Node-RED drops together
 * with their nodes. They never leave this directory.
 */
export class KeptFlows {
  readonly #flows: string;
  readonly #credentials: string;
  readonly #kept: string;
  readonly #log: Log;
  constructor(userDir: string, log: Log) {
    this.#flows = join(userDir, 'flows.json');
    this.#credentials = join(userDir, 'flows_cred.json');
    this.#kept = join(userDir, 'flows-before-deployment.json');
    this.#log = log;
  }

  /** The kept flows, if any. */
  read(): Kept | undefined {
    if (!existsSync(this.#kept)) return undefined;
    const parsed = Kept.safeParse(jsonIn(this.#kept));
    if (parsed.success) return parsed.data;
    this.#log.error('kept-flows-damaged', { file: this.#kept, detail: parsed.error.issues[0]?.message });
    return undefined;
  }

  /** Durable when it returns. */
  keep(version: number, replacedBy: string, flows: readonly object[]): void {
    const credentials = existsSync(this.#credentials) ? jsonIn(this.#credentials) : undefined;
    this.#write(
      Kept.parse({ version, replacedBy, flows, starts: 0, ...(credentials ? { credentials } : {}) }),
    );
  }

  forget(): void {
    rmSync(this.#kept, { force: true });
    syncPath(join(this.#kept, '..'));
  }

  /** Node-RED loads credentials that it is given, and does not save them. */
  putCredentialsBack({ credentials }: Kept): void {
    if (credentials) writeDurably(this.#credentials, JSON.stringify(credentials), 0o600);
  }

  /**
   * Runs before Node-RED starts: flows that end the process again and again are replaced by those before
   * them, without a person's help.
   */
  guardStart(): void {
    const kept = this.read();
    if (!kept) return;
    if (digestOf(jsonIn(this.#flows)) !== kept.replacedBy) return;
    if (kept.starts < mostStarts) {
      this.#write({ ...kept, starts: kept.starts + 1 });
      return;
    }
    this.#log.error('flows-taken-back', { version: kept.version, starts: kept.starts });
    this.putCredentialsBack(kept);
    writeDurably(this.#flows, JSON.stringify(kept.flows, undefined, 4), 0o600);
    this.forget();
  }

  #write(kept: Kept): void {
    writeDurably(this.#kept, JSON.stringify(kept), 0o600);
  }
}

/** `undefined` for a file that is absent or no JSON. */
function jsonIn(path: string): unknown {
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
