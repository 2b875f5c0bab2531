import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { Readable, type Writable } from 'node:stream';
import type { Clock } from '@gatehouse/kit';
import { blankCredentials, errorOf, type GatehouseError, systemCode } from '@gatehouse/kit';
import type { Inlet } from './inlet.ts';

/**
 * Bytes of stderr kept; hostile streams can make ffmpeg print megabytes. Drop policy: the oldest go first.
 */
export const stderrTailBytes = 4096;
/** How long a child may take to end by itself before SIGKILL, milliseconds. */
const graceMs = 1000;

export interface ExitStatus {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface FfmpegOptions {
  readonly args: readonly string[];
  /** Where its stdout goes; a pipe of its own if absent. */
  readonly output?: Inlet;
  /** Opens file descriptor 3 as a pipe from ffmpeg to us (frame times). */
  readonly sideChannel?: boolean;
  /**
   * Gets each line of stderr, at most `stderrTailBytes` long. May hold the camera's URL: never log it
   * unblanked.
   */
  readonly onLine?: (line: string) => void;
}

/**
 * One running ffmpeg: its pipes, a bounded tail of its stderr, and an end that always comes. It gets no
 * environment but PATH, so that no secret of ours shows in /proc/PID/environ. `exited` never rejects; a
 * missing ffmpeg shows in `failure`.
 */
export class FfmpegChild {
  readonly stdin: Writable;
  /** Gives nothing where an `output` was named. */
  readonly stdout: Readable;
  readonly sideChannel: Readable | undefined;
  readonly exited: Promise<ExitStatus>;
  readonly #process: ChildProcess;
  readonly #output: Inlet | undefined;
  readonly #onLine: ((line: string) => void) | undefined;
  #tail = '';
  #partial = '';
  #ended = false;
  failure: GatehouseError | undefined;

  constructor(options: FfmpegOptions) {
    const { args, output, sideChannel = false, onLine } = options;
    this.#onLine = onLine;
    this.#output = output;
    const stdio: StdioOptions = [
      'pipe',
      output?.outer ?? 'pipe',
      'pipe',
      ...(sideChannel ? ['pipe' as const] : []),
    ];
    const child = spawn('ffmpeg', ['-hide_banner', '-nostats', ...args], {
      stdio,
      env: { PATH: process.env.PATH ?? '/usr/bin:/bin', LANG: 'C', AV_LOG_FORCE_NOCOLOR: '1' },
    });
    this.#process = child;
    output?.handedOver();
    const { stdin, stderr } = child;
    const stdout = output?.inner ?? child.stdout;
    if (!stdin || !stdout || !stderr) throw new TypeError('ffmpeg was started without its pipes');
    this.stdin = stdin;
    this.stdout = stdout;
    const side = child.stdio[3];
    this.sideChannel = side instanceof Readable ? side : undefined;
    // Its exit says it all: EPIPE on stdin only means that it ended first.
    stdin.on('error', (error) => this.#note(`stdin: ${systemCode(error) ?? error.message}`));
    for (const stream of [child.stdout, stderr, this.sideChannel])
      stream?.on('error', (error) => this.#note(`output: ${systemCode(error) ?? error.message}`));
    stderr.setEncoding('utf8');
    stderr.on('data', (text: string) => this.#read(text));
    this.exited = new Promise((resolve) => {
      const end = (status: ExitStatus) => {
        this.#ended = true;
        resolve(status);
      };
      // An output of one's own is no stream of the child's: what is still in it has been written and is read
      // first.
      child.once(
        'close',
        (code, signal) => void Promise.resolve(output?.ended).then(() => end({ code, signal })),
      );
      child.on('error', (cause) => {
        this.failure = ffmpegMissing(cause);
        end({ code: null, signal: null });
      });
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** The last of what it printed, user and password in URLs blanked. */
  get tail(): string {
    return blankCredentials(this.#tail);
  }

  /** Ends it at once; what it has written and nobody has read is lost. */
  kill(): void {
    if (this.#ended) return;
    this.#process.kill('SIGKILL');
    this.#output?.destroy();
  }

  /**
   * Asks it to end (an RTSP session is torn down politely), kills it after a second. Resolves when it is
   * gone.
   */
  async stop(clock: Clock): Promise<void> {
    if (this.#ended) return;
    this.#process.kill('SIGTERM');
    const cancel = clock.after(graceMs, () => this.kill());
    await this.exited;
    cancel();
  }

  #read(text: string) {
    const lines = (this.#partial + text).split(/[\r\n]+/);
    this.#partial = (lines.pop() ?? '').slice(-stderrTailBytes);
    for (const line of lines) if (line) this.#note(line.slice(0, stderrTailBytes));
  }

  #note(line: string) {
    this.#tail = `${this.#tail}${line}\n`.slice(-stderrTailBytes);
    this.#onLine?.(line);
  }
}

function ffmpegMissing(cause: Error): GatehouseError {
  return errorOf('FFMPEG_MISSING', { reason: systemCode(cause) ?? cause.message }, { cause });
}
