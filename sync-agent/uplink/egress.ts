import {
  digestOf,
  type EventClass,
  type EventType,
  eventTypes,
  maxWireEventBytes,
  mediaUrl,
  WireEvent,
  type WireFacts,
  type WithheldReason,
  wireData,
  wireId,
  wireSource,
} from '@gatehouse/contracts';
import { coarse, coarseTime } from './coarse.ts';

/** Which store and class a row was pulled from; a row that claims another is refused. */
export interface RowOrigin {
  readonly box: string;
  readonly epoch: string;
  readonly eventclass: EventClass;
  readonly sequence: number;
}

export type EgressDecision =
  | { readonly ok: true; readonly event: WireEvent }
  | {
      readonly ok: false;
      readonly reason: WithheldReason;
      /** Which field, never its value: what was refused must not leave through a log either. */
      readonly detail: string;
    };

/** Decides what leaves the box. */
export type Inspector = (row: unknown, origin: RowOrigin) => EgressDecision;

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly code: string;
}

/**
 * The egress allow-list: a row leaves only if every field of it is in the published schema of its type, and it belongs to the store it was
 * pulled from. The event that leaves is rebuilt from what was checked, its numbers coarse. `mediaBase` is the media address of the site
 * file: an event about a picture says no other, whatever the row says.
 */
export function wall({ mediaBase }: { readonly mediaBase?: string | undefined } = {}): Inspector {
  return (row, origin) => inspect(row, origin, mediaBase);
}

/** The wall of a box that sends no pictures. */
export const allowListed: Inspector = wall();

function inspect(row: unknown, origin: RowOrigin, mediaBase: string | undefined): EgressDecision {
  const bytes = Buffer.byteLength(JSON.stringify(row) ?? '');
  if (bytes > maxWireEventBytes)
    return refuse('too-large', `${bytes} bytes, at most ${maxWireEventBytes} may leave`);
  const envelope = WireEvent.safeParse(row);
  if (!envelope.success) return refuseIssue(envelope.error.issues[0], '', envelopeReason);
  const event = envelope.data;
  const mismatch = foreignField(event, origin);
  if (mismatch) return refuse('envelope', `${mismatch} is not this store's`);
  const lineage = lineageFault(event);
  if (lineage) return refuse('envelope', lineage);
  if (event.type === eventTypes.withheld)
    return refuse('unknown-type', `only sync-agent writes ${eventTypes.withheld}`);
  const data = wireData[event.type].safeParse(event.data);
  if (!data.success) return refuseIssue(data.error.issues[0], 'data', () => 'schema');
  const facts = { type: event.type, data: data.data } as WireFacts;
  if (event.subject !== undefined && !subjects(facts).includes(event.subject))
    return refuse('envelope', 'subject is not what the event is about');
  const time = coarseTime(facts, event.time);
  return { ok: true, event: { ...event, time, data: { ...withOwnUrl(coarse(facts), origin, mediaBase) } } };
}

/**
 * What tells this store's events from those of a copy says nothing else: the digest is that of the content, unless the event stands in the
 * place of others that were dropped, and the former id is its own under another epoch.
 */
function lineageFault({ type, time, subject, data, ...event }: WireEvent): string | undefined {
  const { boxid, eventclass, sequence, digest, formerid } = event;
  if (digest !== undefined && type !== eventTypes.gap && digest !== digestOf({ type, time, subject, data }))
    return 'digest is not that of the content';
  const [box, , ofClass, number] = formerid?.split('/') ?? [];
  const isOwn = box === boxid && ofClass === eventclass && number === String(sequence);
  return formerid === undefined || isOwn ? undefined : "formerid is not this event's";
}

/** What an event may name as its subject: nothing that its content does not say as well. */
function subjects({ data }: WireFacts): unknown[] {
  return [
    ...('id' in data ? [data.id] : []),
    ...('device' in data ? [data.device] : []),
    ...('incident' in data ? [data.incident] : []),
  ];
}

/** The address of a picture is made of the site file, box and hash; another one is left out. */
function withOwnUrl(
  data: WireFacts['data'],
  { box }: RowOrigin,
  mediaBase: string | undefined,
): WireFacts['data'] {
  if (!('url' in data) || !('sha256' in data)) return data;
  const { url, ...rest } = data;
  return mediaBase !== undefined && url === mediaUrl(mediaBase, box, data.sha256) ? data : rest;
}

/** What goes upstream in a refused row's place: same id and sequence, nothing of its content but the type's name. */
export function withheldEvent(
  row: unknown,
  origin: RowOrigin,
  reason: WithheldReason,
  time: string,
): WireEvent {
  const { box, epoch, eventclass, sequence } = origin;
  const type = publishedType(row);
  const { digest, previous, formerid } = Lineage.safeParse(row).data ?? {};
  return {
    specversion: '1.0',
    id: wireId(box, epoch, eventclass, sequence),
    source: wireSource(box),
    type: eventTypes.withheld,
    time,
    datacontenttype: 'application/json',
    boxid: box,
    epoch,
    eventclass,
    sequence,
    ...(digest === undefined ? {} : { digest }),
    ...(previous === undefined ? {} : { previous }),
    ...(formerid === undefined ? {} : { formerid }),
    data: { reason, ...(type === undefined ? {} : { type }) },
  };
}

/** A stand-in is told from those of a copy as its row would be. */
const Lineage = WireEvent.pick({ digest: true, previous: true, formerid: true }).loose();

function publishedType(row: unknown): EventType | undefined {
  if (typeof row !== 'object' || row === null || !('type' in row)) return undefined;
  return Object.values(eventTypes).find((type) => type === row.type);
}

function foreignField(event: WireEvent, origin: RowOrigin): string | undefined {
  const { box, epoch, eventclass, sequence } = origin;
  const expected = {
    boxid: box,
    epoch,
    eventclass,
    sequence,
    source: wireSource(box),
    id: wireId(box, epoch, eventclass, sequence),
  };
  return Object.entries(expected).find(
    ([field, value]) => event[field as keyof typeof expected] !== value,
  )?.[0];
}

function envelopeReason(issue: Issue): WithheldReason {
  return issue.path[0] === 'type' ? 'unknown-type' : 'envelope';
}

function refuseIssue(
  issue: Issue | undefined,
  under: string,
  reasonOf: (issue: Issue) => WithheldReason,
): EgressDecision {
  if (!issue) return refuse('schema', under);
  const path = [under, ...issue.path.map(String)].filter((part) => part !== '').join('.');
  const keys =
    'keys' in issue && Array.isArray(issue.keys) ? ` (${issue.keys.map(plainKey).join(', ')})` : '';
  return refuse(reasonOf(issue), `${path || 'event'}: ${issue.code}${keys}`);
}

/** An unknown field's name helps people, unless the name itself is the smuggled content. */
function plainKey(key: unknown): string {
  return typeof key === 'string' && /^[A-Za-z][A-Za-z0-9_-]{0,31}$/.test(key) ? key : 'oddly named field';
}

function refuse(reason: WithheldReason, detail: string): EgressDecision {
  return { ok: false, reason, detail: detail.slice(0, 200) };
}
