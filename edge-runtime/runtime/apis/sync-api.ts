import { type EventClass, runtimeForSync } from '@gatehouse/contracts';
import type { Clock } from '@gatehouse/kit';
import type { LocalApi } from '@gatehouse/local-api';
import type { EventStore } from '@gatehouse/store';
import type { DesiredState } from '../desired-state/desired-state.ts';
import type { MediaOutbox } from '../media/media-outbox.ts';
import type { PlatformForwarder } from '../upstream/platform-forwarder.ts';
import type { UplinkState } from '../upstream/uplink-state.ts';
import { type RuntimeApiOptions, runtimeApi } from './runtime-api.ts';

export interface SyncApiOptions extends RuntimeApiOptions {
  readonly store: EventStore;
  readonly uplink: UplinkState;
  readonly platform: Pick<PlatformForwarder, 'take'>;
  readonly desired: Pick<DesiredState, 'take'>;
  readonly media: Pick<MediaOutbox, 'next' | 'content' | 'ended'>;
  readonly clock: Clock;
}

/**
 * runtime -> sync: the outbox, read and acknowledged, the platform's messages, and redacted pictures; the
 * agent opens no database and no file.
 */
export function syncApi(options: SyncApiOptions): LocalApi<typeof runtimeForSync.routes> {
  const { store, uplink, platform, desired, media, clock, log } = options;
  return runtimeApi(
    runtimeForSync,
    {
      outbox: ({ query, response }) => {
        const { bodies, ...head } = store.outboxPage(query.class, query.after, query.limit);
        response.type('application/x-ndjson').end(`${[JSON.stringify(head), ...bodies].join('\n')}\n`);
      },
      acknowledge: ({ body }) => ({ outcome: store.acknowledgeOutbox(body) }),
      doubt: ({ body }) => ({ outcome: store.doubtOutbox(body) }),
      refuse: ({ body: refusal }) => {
        store.recordRefusal(refusal);
        log.error('egress-refused', refusal);
      },
      platformMessage: ({ body }) => platform.take(body),
      desired: ({ body }) => desired.take(body),
      nextMedia: () => media.next(),
      mediaContent: ({ params }) => ({ bytes: media.content(params.id), headers: {} }),
      mediaResult: ({ params, body }) => media.ended(params.id, body.outcome),
      reportUplink: ({ body }) => uplink.report(body),
      ready: ({ events, response }) => {
        const writer = events(clock);
        const told = new Map<EventClass, string>();
        const tell = () => {
          for (const { eventclass, last, inherited } of store.backlog()) {
            // Rows of an earlier epoch go first. Once they are sent, this epoch's rows wait as if they were
            // new.
            const state = `${last} ${inherited > 0}`;
            if (told.get(eventclass) === state) continue;
            told.set(eventclass, state);
            writer.send({ event: 'ready', data: { class: eventclass, last } });
          }
        };
        response.once('close', store.onOutboxGrown(tell));
        tell();
      },
    },
    options,
  );
}
