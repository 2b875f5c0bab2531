import {
  type EventClass,
  type EventType,
  eventTypes,
  maxWireEventBytes,
  WireEvent,
  type WithheldReason,
  wireData,
  wireId,
  wireSource,
  wireText,
} from '@gatehouse/contracts';

/** Which store and class a row was pulled from; a row that claims another is refused. */
export interface RowOrigin {
  readonly box: string;
  readonly epoch: string;
  readonly eventclass: EventClass;
  readonly sequence: number;
}

export type Verdict =
  | { readonly ok: true; readonly event: WireEvent }
  | {
      readonly ok: false;
      readonly reason: WithheldReason;
      /** Which field, never its value: what was refused must not leave through a log either. */
      readonly detail: string;
    };

/** Decides what leaves the box. */
export type Inspector = (row: unknown, origin: RowOrigin) => Verdict;

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly code: string;
  readonly message: string;
}

const subjectText = wireText(120);

/**
 * The egress allow-list: a row leaves only if every field of it is in the published schema of its type, within
 * bounds, and belongs to the store it was pulled from. The event that leaves is rebuilt from what was checked.
 */
export const allowListed: Inspector = (row, origin) => {
  const bytes = Buffer.byteLength(JSON.stringify(row) ?? '');
  if (bytes > maxWireEventBytes)
    return refuse('too-large', `${bytes} bytes, at most ${maxWireEventBytes} may leave`);
  const envelope = WireEvent.safeParse(row);
  if (!envelope.success) return refuseIssue(envelope.error.issues[0], '', envelopeReason);
  const event = envelope.data;
  const mismatch = foreignField(event, origin);
  if (mismatch) return refuse('envelope', `${mismatch} is not this store's`);
  if (event.type === eventTypes.withheld)
    return refuse('unknown-type', `only sync-agent writes ${eventTypes.withheld}`);
  const subject = subjectText.optional().safeParse(event.subject);
  if (!subject.success) return refuseIssue(subject.error.issues[0], 'subject', dataReason);
  const data = wireData[event.type].safeParse(event.data);
  if (!data.success) return refuseIssue(data.error.issues[0], 'data', dataReason);
  return { ok: true, event: { ...event, data: { ...data.data } } };
};

/** What goes upstream in a refused row's place: same id and sequence, nothing of its content but the type's name. */
export function withheldEvent(
  row: unknown,
  origin: RowOrigin,
  reason: WithheldReason,
  time: string,
): WireEvent {
  const { box, epoch, eventclass, sequence } = origin;
  const type = publishedType(row);
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
    data: { reason, ...(type === undefined ? {} : { type }) },
  };
}

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

function dataReason(issue: Issue): WithheldReason {
  return issue.message.includes('encoded bytes') ? 'encoded-content' : 'schema';
}

function refuseIssue(
  issue: Issue | undefined,
  under: string,
  reasonOf: (issue: Issue) => WithheldReason,
): Verdict {
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

function refuse(reason: WithheldReason, detail: string): Verdict {
  return { ok: false, reason, detail: detail.slice(0, 200) };
}
