import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { mediaLimits, type RedactedFacts } from '@gatehouse/contracts';
import { type Clock, errorOf, GatehouseError, readBounded, systemCode, toldError } from '@gatehouse/kit';
import { Turnstile } from '../stills/turnstile.ts';
import { RedactAnswer } from './protocol.ts';

export interface RedactorOptions {
  readonly clock: Clock;
  /** The program that redacts; `main.ts` here by default. */
  readonly program?: string;
  /** From the start of the program to its answer's last byte, milliseconds. */
  readonly withinMs?: number;
  readonly env?: NodeJS.ProcessEnv;
}

export interface RedactedJpeg {
  readonly jpeg: Buffer;
  readonly facts: RedactedFacts;
}

/** It takes 2 to 4 s on a quiet box, most of it loading; on a busy one it has the lowest priority. */
const defaultWithinMs = 60_000;
const maxWaiting = 4;

/**
 * Redacts stills, each in a process of its own that ends with it. A thread would be cheaper to start, but one
 * that hangs in ONNX Runtime cannot be ended without the whole service, and a picture must never cost a
 * camera: a process is killed. Nor does any memory of its models stay. One at a time; four may wait, one more
 * is refused (drop policy: drop-newest).
 */
export class Redactor {
  readonly #clock: Clock;
  readonly #program: string;
  readonly #withinMs: number;
  readonly #env: NodeJS.ProcessEnv;
  readonly #turnstile = new Turnstile(1, maxWaiting, 'REDACTION_BUSY');

  constructor({ clock, program, withinMs = defaultWithinMs, env = process.env }: RedactorOptions) {
    this.#clock = clock;
    this.#program = program ?? fileURLToPath(new URL('main.ts', import.meta.url));
    this.#withinMs = withinMs;
    this.#env = env;
  }

  /**
   * The still without faces, or an error and no picture: what `redactStill` and loading the models throw,
   * `REDACTION_TIMEOUT`, `REDACTION_FAILED`, or `REDACTION_BUSY`.
   */
  redact(still: Uint8Array, maxPeople: number): Promise<RedactedJpeg> {
    return this.#turnstile.pass(() => this.#run(still, maxPeople));
  }

  async #run(still: Uint8Array, maxPeople: number): Promise<RedactedJpeg> {
    const child = spawn(process.execPath, [this.#program, String(maxPeople)], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: this.#env,
    });
    let late = false;
    const cancel = this.#clock.after(this.#withinMs, () => {
      late = true;
      child.kill('SIGKILL');
    });
    try {
      const spawned = new Promise<never>((_, reject) => child.on('error', reject));
      // One that ends before it has read everything says why in its answer, or gives none.
      child.stdin.on('error', () => undefined);
      child.stdout.on('error', () => undefined);
      child.stdin.end(still);
      // Room for the line that stands before the picture.
      const bytes = await Promise.race([readBounded(child.stdout, mediaLimits.bytes + 16_384), spawned]);
      if (late) throw timedOut(this.#withinMs);
      return readAnswer(bytes);
    } catch (cause) {
      if (cause instanceof GatehouseError && cause.code !== 'BODY_TOO_LARGE') throw cause;
      throw failed(systemCode(cause) ?? String(cause), cause);
    } finally {
      cancel();
      child.kill('SIGKILL');
    }
  }
}

function readAnswer(bytes: Buffer): RedactedJpeg {
  const end = bytes.indexOf('\n');
  if (end < 0) throw failed('the program ended without an answer');
  const answer = RedactAnswer.safeParse(parsed(bytes.subarray(0, end)));
  if (!answer.success) throw failed('the answer cannot be read');
  if ('failure' in answer.data) {
    throw toldError(answer.data.failure, answer.data.failure.fault);
  }
  const jpeg = bytes.subarray(end + 1);
  if (jpeg.length === 0 || jpeg.length > mediaLimits.bytes) throw failed(`a picture of ${jpeg.length} bytes`);
  return { jpeg, facts: answer.data };
}

function parsed(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function timedOut(ms: number): GatehouseError {
  return errorOf('REDACTION_TIMEOUT', { seconds: ms / 1000 });
}

function failed(why: string, cause?: unknown): GatehouseError {
  return errorOf('REDACTION_FAILED', { reason: why }, { cause });
}
