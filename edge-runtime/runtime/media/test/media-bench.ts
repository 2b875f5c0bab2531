import { createHash, randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import {
  type Incident,
  type IncidentChange,
  type MediaUplink,
  visionForRuntime,
  type WireEvent,
  WireMedia,
} from '@gatehouse/contracts';
import { ManualClock, silentLog } from '@gatehouse/kit';
import { ApiClient, type ApiTransport } from '@gatehouse/local-api';
import { EventStore } from '@gatehouse/store';
import { StillFiles } from '../../evidence/still-files.ts';
import { Hub } from '../../hub.ts';
import { temporaryFolder } from '../../test/fixtures.ts';
import { MediaOutbox } from '../media-outbox.ts';
import { MediaRedaction } from '../media-redaction.ts';
import { RedactedFiles } from '../redacted-files.ts';

export const at = '2026-11-26T08:00:00.000+08:00';
export const still = Buffer.from('the still of a camera, with a face in it');
export const redacted = Buffer.from('the redacted picture');
export const sha256 = createHash('sha256').update(redacted).digest('hex');
export const redaction = { faceModel: 'yunet-n', personModel: 'yolox-nano-dyn', faces: 1, persons: 2 };
export const facts = { width: 960, height: 540, redaction };

export const media: MediaUplink = {
  url: 'https://media.example/pictures',
  kinds: ['illegal-parking', 'fire-passage'],
  maxPeople: 6,
};

type Redact = (route: string, bytes: Uint8Array) => Promise<{ bytes: Buffer; header?: string }>;

/**
 * The runtime's part of the way of pictures, on a real store and real files, with vision in the test's hand.
 */
export function startPost(t: TestContext, folder = temporaryFolder(t), site: MediaUplink | 'none' = media) {
  const clock = new ManualClock();
  const store = new EventStore({ file: join(folder, 'events.db'), box: 'box-1', clock });
  store.start();
  const changes = new Hub<IncidentChange>((error) => {
    throw error;
  });
  const stills = new StillFiles(join(folder, 'stills'));
  const redactedFolder = join(folder, 'redacted');
  const asked: { route: string; bytes: Uint8Array }[] = [];
  const vision = {
    redact: (async () => ({ bytes: redacted })) as Redact,
    async callRaw(_method: string, route: string, options: { raw?: { bytes: Uint8Array } } = {}) {
      const bytes = options.raw?.bytes ?? new Uint8Array();
      asked.push({ route, bytes });
      const answer = await vision.redact(route, bytes);
      const headers = { 'x-redacted': answer.header ?? JSON.stringify(facts) };
      return { status: 200, bytes: answer.bytes, headers };
    },
  };
  const outbox = new MediaOutbox({
    box: 'box-1',
    media: site === 'none' ? undefined : site,
    store,
    clock,
    log: silentLog,
    files: new RedactedFiles(redactedFolder),
  });
  const redaction = new MediaRedaction({
    vision: new ApiClient(visionForRuntime, vision as Partial<ApiTransport> as ApiTransport),
    outbox,
    store,
    stills,
    changes,
    clock,
    log: silentLog,
    random: () => 0,
    maxPeople: media.maxPeople,
  });
  redaction.start();
  const stop = async () => {
    await redaction.stop();
    store.stop();
  };
  t.after(stop);

  /** An incident that is raised and gets its picture, as the rules and the evidence collector do it. */
  const raise = (kind: Incident['kind'] = 'illegal-parking', withStill = true): string => {
    const id = randomUUID();
    const incident: Incident = {
      id,
      kind,
      phase: 'opened',
      priority: 2,
      camera: 'east',
      zone: 'lane',
      openedAt: at,
      updatedAt: at,
      handling: { state: 'new' },
      stills: [],
    };
    const commit = (change: 'opened' | 'updated', one: Incident) => {
      for (const done of store.commit([{ dedupeKey: id, change, at, incident: one }])) changes.publish(done);
    };
    commit('opened', incident);
    if (withStill) stills.write(id, 'opened', still);
    commit('updated', { ...incident, stills: ['opened'] });
    return id;
  };
  return { clock, store, changes, stills, redaction, outbox, vision, asked, raise, stop, redactedFolder };
}

export type Bench = ReturnType<typeof startPost>;

export const settle = ({ clock }: Bench) => clock.advance(0);
export const told = ({ store }: Bench): WireMedia[] =>
  store
    .outboxBatch('health', 0, 1000)
    .events.filter(({ type }: WireEvent) => type === 'gatehouse.media.v1')
    .map(({ data }) => WireMedia.parse(data));
export const reasons = (bench: Bench) =>
  told(bench).map((one) => (one.state === 'withheld' ? one.reason : one.state));
export const files = ({ redactedFolder }: Bench) => {
  try {
    return readdirSync(redactedFolder);
  } catch {
    return [];
  }
};
