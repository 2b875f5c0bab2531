import {
  checked,
  DesiredMessage,
  EventClass,
  MediaResult,
  maxDesiredBodyBytes,
  OutboxAck,
  OutboxDoubt,
  OutboxRefusal,
  PlatformMessage,
  UplinkStatus,
} from '@gatehouse/contracts';
import { type Clock, EventStreamWriter, type Log } from '@gatehouse/kit';
import type { EventStore } from '@gatehouse/store';
import type { Express } from 'express';
import { z } from 'zod';
import type { DesiredState } from '../desired-state/desired-state.ts';
import type { MediaOutbox } from '../media/media-outbox.ts';
import type { PlatformForwarder } from '../upstream/platform-forwarder.ts';
import type { UplinkState } from '../upstream/uplink-state.ts';

export interface SyncApiOptions {
  readonly store: EventStore;
  readonly uplink: UplinkState;
  readonly platform: Pick<PlatformForwarder, 'take'>;
  readonly desired: Pick<DesiredState, 'take'>;
  readonly media: Pick<MediaOutbox, 'next' | 'content' | 'ended'>;
  readonly clock: Clock;
  readonly log: Log;
}

const BatchQuery = z.strictObject({
  class: EventClass,
  after: z.coerce.number().int().min(0),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
});

/** Routes of sync's socket that take more than 64 KiB, with their bound in bytes. */
export const syncBodyBytes = { '/desired': maxDesiredBodyBytes };

/** runtime -> sync: the outbox, read and acknowledged, the platform's messages, and redacted pictures; the agent opens no database and no file. */
export function syncRoutes({
  store,
  uplink,
  platform,
  desired,
  media,
  clock,
  log,
}: SyncApiOptions): (app: Express) => void {
  return (app) => {
    app.get('/outbox', (request, response) => {
      const query = checked(BatchQuery, request.query);
      const { bodies, ...head } = store.outboxPage(query.class, query.after, query.limit);
      response.type('application/x-ndjson').end(`${[JSON.stringify(head), ...bodies].join('\n')}\n`);
    });
    app.post('/outbox/ack', (request, response) => {
      response.json({ outcome: store.acknowledgeOutbox(checked(OutboxAck, request.body)) });
    });
    app.post('/outbox/doubt', (request, response) => {
      response.json({ outcome: store.doubtOutbox(checked(OutboxDoubt, request.body)) });
    });
    app.post('/outbox/refuse', (request, response) => {
      const refusal = checked(OutboxRefusal, request.body);
      store.recordRefusal(refusal);
      log.error('egress-refused', refusal);
      response.sendStatus(204);
    });
    app.post('/platform-messages', async (request, response) => {
      response.json(await platform.take(checked(PlatformMessage, request.body)));
    });
    app.put('/desired', (request, response) => {
      response.json(desired.take(checked(DesiredMessage, request.body)));
    });
    app.get('/media/next', (_request, response) => {
      const job = media.next();
      if (job) response.json(job);
      else response.sendStatus(204);
    });
    app.get('/media/:id/content', (request, response) => {
      const jpeg = media.content(request.params.id);
      response.type('image/jpeg').send(jpeg);
    });
    app.post('/media/:id/result', (request, response) => {
      media.ended(request.params.id, checked(MediaResult, request.body).outcome);
      response.sendStatus(204);
    });
    app.put('/uplink', (request, response) => {
      uplink.report(checked(UplinkStatus, request.body));
      response.sendStatus(204);
    });
    app.get('/outbox/ready', (_request, response) => {
      const writer = new EventStreamWriter(response, clock);
      const told = new Map<EventClass, string>();
      const tell = () => {
        for (const { eventclass, last, inherited } of store.backlog()) {
          // What an earlier epoch left goes first; when it is through, this epoch's rows wait as if they were new.
          const state = `${last} ${inherited > 0}`;
          if (told.get(eventclass) === state) continue;
          told.set(eventclass, state);
          writer.send({ event: 'ready', data: { class: eventclass, last } });
        }
      };
      response.once('close', store.onOutboxGrown(tell));
      tell();
    });
  };
}
