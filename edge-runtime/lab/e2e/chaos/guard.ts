import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { ConsoleClient } from '../console-client.ts';

/** A command as it was sent, and the console's answers to it. */
export interface SentCommand {
  readonly commandId: string;
  readonly device: string;
  readonly action: string;
  readonly sentMs: number;
  /** Final or last known state; absent when no answer came. */
  state?: string;
  reason?: string;
}

/**
 * A guard's browser without the browser: logs in, sends commands, follows the event stream and reconnects.
 */
export class Guard extends ConsoleClient {
  readonly #address: string;
  constructor(address: string) {
    super(address);
    this.#address = address;
  }

  /** Sends a command; with `again` the same one once more, as an impatient client would. */
  async command(device: string, action: string, again: boolean): Promise<SentCommand> {
    const sent: SentCommand = { commandId: randomUUID(), device, action, sentMs: Date.now() };
    const tries = again ? 2 : 1;
    await Promise.all(
      Array.from({ length: tries }, async () => {
        try {
          const { commandId } = sent;
          const path = `/api/devices/${device}/requests`;
          const answer = await this.post(path, { action, commandId }, AbortSignal.timeout(15_000));
          const outcome = (await answer.json()) as {
            state?: string;
            reason?: string;
            error?: { code: string };
          };
          sent.state = outcome.state ?? `refused:${outcome.error?.code}`;
          if (outcome.reason) sent.reason = outcome.reason;
        } catch {
          // The runtime was killed under it: nobody knows the outcome, and the judge has to live with that.
          sent.state ??= 'no-answer';
        }
      }),
    );
    return sent;
  }

  /** Follows `/api/events` until aborted, resuming by Last-Event-ID; calls back with every event. */
  async follow(
    onEvent: (event: string, data: unknown, id: string) => void,
    signal: AbortSignal,
  ): Promise<void> {
    let lastId = '';
    while (!signal.aborted) {
      try {
        const headers = { cookie: this.cookie, ...(lastId ? { 'last-event-id': lastId } : {}) };
        const answer = await fetch(`${this.#address}/api/events`, { headers, signal });
        if (!answer.ok || !answer.body) throw new Error(`${answer.status}`);
        let text = '';
        for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
          text += chunk;
          for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
            const fields = new Map(
              text
                .slice(0, end)
                .split('\n')
                .map((line) => [
                  line.slice(0, line.indexOf(':')),
                  line.slice(line.indexOf(':') + 1).trimStart(),
                ]),
            );
            text = text.slice(end + 2);
            lastId = fields.get('id') ?? lastId;
            const data = fields.get('data');
            if (data) onEvent(fields.get('event') ?? 'message', JSON.parse(data), fields.get('id') ?? '');
          }
        }
      } catch {
        // The console is away; a browser's EventSource comes back as well.
      }
      await wait(1_000);
    }
  }
}
