import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { closeServer, until } from '@gatehouse/harness';
import {
  type KeptStream,
  LocalClient,
  listenOnSocket,
  ManualClock,
  type StreamEvent,
  StreamKeeper,
  silentLog,
} from '@gatehouse/kit';

/** A manual clock that remembers every wait that was asked of it. */
export class RecordingClock extends ManualClock {
  readonly asked: number[] = [];
  override after(delayMs: number, fn: () => void): () => void {
    this.asked.push(delayMs);
    return super.after(delayMs, fn);
  }
  /**
   * The back-offs among the waits. With `random` at 1 they are 100 to 2000 ms; no other wait of the keeper
   * lies in that range.
   */
  get backoffs(): number[] {
    return this.asked.filter((ms) => ms <= 2_000);
  }
}

/** A client of a real server on a Unix socket. */
export async function localPeer(t: TestContext, answer: RequestListener): Promise<LocalClient> {
  const folder = mkdtempSync(join(tmpdir(), 'gh-kit-'));
  const path = join(folder, 'a', 'api.sock');
  const server = createServer(answer);
  await listenOnSocket(server, path);
  t.after(async () => {
    await closeServer(server);
    rmSync(folder, { recursive: true });
  });
  return new LocalClient('runtime', path);
}

/** A real server on a Unix socket that `answer`s, and a keeper of its stream on a clock moved by hand. */
export async function keptStream(
  t: TestContext,
  answer: RequestListener,
  over: Partial<KeptStream> = {},
): Promise<{
  readonly clock: RecordingClock;
  readonly keeper: StreamKeeper;
  readonly links: boolean[];
  readonly events: StreamEvent[];
  /** `Last-Event-ID` of each request so far. */
  readonly resumes: (string | string[] | undefined)[];
  /** Lets the n-th back-off pass. */
  readonly passBackoff: (n: number) => Promise<void>;
}> {
  const resumes: (string | string[] | undefined)[] = [];
  const client = await localPeer(t, (request, response) => {
    resumes.push(request.headers['last-event-id']);
    answer(request, response);
  });
  const clock = new RecordingClock();
  const links: boolean[] = [];
  const events: StreamEvent[] = [];
  const keeper = new StreamKeeper({
    client,
    route: '/events',
    clock,
    log: silentLog,
    random: () => 1,
    onEvent: (event) => void events.push(event),
    onLink: (up) => void links.push(up),
    ...over,
  });
  t.after(() => keeper.stop());
  keeper.start();
  const passBackoff = async (n: number) => {
    await until(`${n} attempts failed`, () => clock.backoffs.length >= n);
    await clock.advance(clock.backoffs[n - 1] ?? 0);
  };
  return { clock, keeper, links, events, resumes, passBackoff };
}

export function openStream(response: ServerResponse): ServerResponse {
  response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': open\n\n');
  return response;
}

export function eventText(id: string): string {
  return `id: ${id}\nevent: change\ndata: {"n":${id}}\n\n`;
}

/** A cursor in memory. */
export class MemoryCursor {
  id: string | undefined;
  forgotten = 0;
  constructor(id?: string) {
    this.id = id;
  }
  read(): string | undefined {
    return this.id;
  }
  write(id: string): void {
    this.id = id;
  }
  forget(): void {
    this.id = undefined;
    this.forgotten++;
  }
}
