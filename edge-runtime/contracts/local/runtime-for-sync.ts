import { z } from 'zod';
import { EventClass } from '../primitives.ts';
import { PlatformAnswer, PlatformMessage } from '../wire/platform-command.ts';
import { DesiredAnswer, DesiredMessage, maxDesiredBodyBytes } from '../wire/platform-desired.ts';
import { MediaJob, MediaResult } from './media.ts';
import { OutboxAck, OutboxAckAnswer, OutboxDoubt, OutboxHead, OutboxRefusal } from './outbox.ts';
import { queryNumber } from './query.ts';
import { bytes, events, json, jsonOrNothing, localTable, nothing, stream } from './table.ts';
import { UplinkStatus } from './uplink-status.ts';

export const runtimeForSync = localTable('runtime', 'sync', {
  outbox: {
    is: 'GET /outbox',
    about: 'OutboxHead, then a WireEvent a line, in the order of their sequence',
    query: z.strictObject({
      class: EventClass,
      after: queryNumber().int().min(0),
      limit: queryNumber().int().min(1).max(1000).default(200),
    }),
    answer: stream('application/x-ndjson'),
  },
  acknowledge: {
    is: 'POST /outbox/ack',
    about: 'the platform holds the rows up to here; ACK_NOT_OURS, FORKS_LIMITED',
    body: OutboxAck,
    answer: json(OutboxAckAnswer),
  },
  doubt: {
    is: 'POST /outbox/doubt',
    about: 'what the platform says of one row, where nothing is acknowledged by it; FORKS_LIMITED',
    body: OutboxDoubt,
    answer: json(OutboxAckAnswer),
  },
  refuse: {
    is: 'POST /outbox/refuse',
    about: 'the egress allow-list refused a row, which stays until it is acknowledged; may be said again',
    body: OutboxRefusal,
    answer: nothing,
  },
  ready: {
    is: 'GET /outbox/ready',
    about: 'told whenever something new waits',
    answer: events({ ready: OutboxHead.pick({ last: true }).extend({ class: EventClass }).loose() }),
  },
  reportUplink: {
    is: 'PUT /uplink',
    about: 'how the connection to the platform is',
    body: UplinkStatus,
    answer: nothing,
  },
  nextMedia: {
    is: 'GET /media/next',
    about: 'the oldest redacted picture that waits',
    answer: jsonOrNothing(MediaJob),
  },
  mediaContent: {
    is: 'GET /media/:id/content',
    about: 'the picture; the record of the transfer is on the disk before the first byte; MEDIA_UNKNOWN',
    answer: bytes('image/jpeg'),
  },
  mediaResult: {
    is: 'POST /media/:id/result',
    about: 'how the transfer ended, with the event about it; may be said again',
    body: MediaResult,
    answer: nothing,
  },
  platformMessage: {
    is: 'POST /platform-messages',
    about: 'handed on to the drivers as it is, never kept; MESSAGES_LIMITED',
    body: PlatformMessage,
    answer: json(PlatformAnswer),
  },
  desired: {
    is: 'PUT /desired',
    about: 'verified here and durable when answered; MESSAGES_LIMITED, DESIRED_NOT_KEPT: hand it over again',
    body: DesiredMessage,
    maxBodyBytes: maxDesiredBodyBytes,
    answer: json(DesiredAnswer),
  },
});
