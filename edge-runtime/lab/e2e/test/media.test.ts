import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Incident, type IncidentChange, visionForRuntime, type WireMedia } from '@gatehouse/contracts';
import { silentLog, sleep, socketPath, systemClock } from '@gatehouse/kit';
import { apiClient } from '@gatehouse/local-api';
import { EventStore } from '@gatehouse/store';
import sharp from 'sharp';
import { MediaSender } from '../../../../sync-agent/media/media-sender.ts';
import { RuntimeMedia } from '../../../../sync-agent/media/media-source.ts';
import { Uploader } from '../../../../sync-agent/media/upload.ts';
import { MediaServer } from '../../../../sync-agent/receiver/media/media-server.ts';
import { PictureFolder } from '../../../../sync-agent/receiver/media/picture-folder.ts';
import { LinkProxy } from '../../../../sync-agent/test/support/link-proxy.ts';
import { Throttle } from '../../../../sync-agent/uplink/throttle.ts';
import { syncApi } from '../../../runtime/apis/sync-api.ts';
import { StillFiles } from '../../../runtime/evidence/still-files.ts';
import { Hub } from '../../../runtime/hub.ts';
import { MediaOutbox } from '../../../runtime/media/media-outbox.ts';
import { MediaRedaction } from '../../../runtime/media/media-redaction.ts';
import { RedactedFiles } from '../../../runtime/media/redacted-files.ts';
import { EventHub } from '../../../vision/api/event-hub.ts';
import { VisionApi } from '../../../vision/api/vision-api.ts';
import { Mpeg1Streams } from '../../../vision/live/mpeg1-streams.ts';
import { decodeStill } from '../../../vision/redact/picture.ts';
import { secondDetector } from '../../../vision/redact/recall/second-detector.ts';
import { stillSets } from '../../../vision/redact/recall/sets.ts';
import { type RedactedJpeg, Redactor } from '../../../vision/redact/redactor.ts';
import { media, noMedia, ownCache } from '../../../vision/redact/test/models.ts';
import { ClipMaker } from '../../../vision/stills/clip-maker.ts';
import { StillMaker } from '../../../vision/stills/still-maker.ts';

const at = '2026-11-26T08:00:00.000+08:00';
const threshold = 0.3;
const [clock, log] = [systemClock, silentLog];

/**
 * The whole way of a picture, with everything real except the cameras: vision's API with the redactor, the
 * runtime's store and API, the sender of sync-agent, a link that keeps the uploads, and the reference media
 * server.
 */
async function startWay(t: TestContext, redactor: Pick<Redactor, 'redact'>) {
  const folder = mkdtempSync(join(tmpdir(), 'gh-media-'));
  const env = { GATEHOUSE_RUN_DIR: folder };
  const store = new EventStore({ file: join(folder, 'events.db'), box: 'box-1', clock });
  const changes = new Hub<IncidentChange>((error) => assert.fail(String(error)));
  const stills = new StillFiles(join(folder, 'stills'));
  const visionSocket = socketPath('vision', 'runtime', env);
  const vision = new VisionApi({
    socket: visionSocket,
    cameras: [],
    lanes: [],
    hub: new EventHub(clock, []),
    redactor,
    log,
    stills: new StillMaker(clock),
    clips: new ClipMaker(clock),
    mpeg1: new Mpeg1Streams({ clock, log }),
  });
  const pictures = new PictureFolder({ folder: join(folder, 'platform'), clock });
  const server = new MediaServer({ host: '127.0.0.1', port: 0, token: undefined, pictures, clock, log });
  await server.start();
  const link = await LinkProxy.start(t, server.port);
  const queue = new MediaOutbox({
    box: 'box-1',
    media: { url: link.httpUrl, kinds: ['illegal-parking'], maxPeople: 6 },
    store,
    clock,
    log,
    files: new RedactedFiles(join(folder, 'redacted')),
  });
  const post = new MediaRedaction({
    outbox: queue,
    maxPeople: 6,
    store,
    stills,
    changes,
    clock,
    log,
    random: () => 0,
    vision: apiClient(visionForRuntime, { socket: visionSocket }),
  });
  const unused = { report: () => undefined } as never;
  const api = syncApi({
    store,
    uplink: unused,
    platform: unused,
    desired: unused,
    media: queue,
    clock,
    log,
    socket: socketPath('runtime', 'sync', env),
  });
  const sender = new MediaSender({
    box: 'box-1',
    url: link.httpUrl,
    clock,
    log,
    random: () => 0,
    askEveryMs: 50,
    source: new RuntimeMedia(socketPath('runtime', 'sync', env)),
    uploader: new Uploader({ url: link.httpUrl, throttle: new Throttle(undefined, clock), clock }),
  });
  const parts = [store, vision, post, api, sender];
  for (const part of parts) await part.start();
  t.after(async () => {
    for (const part of [...parts.toReversed(), server]) await part.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  /** Raises an incident with this still, and waits for the event about its picture. */
  const raise = async (still: Buffer): Promise<WireMedia> => {
    const id = randomUUID();
    const incident: Incident = {
      id,
      kind: 'illegal-parking',
      phase: 'opened',
      priority: 2,
      camera: 'east',
      zone: 'lane',
      openedAt: at,
      updatedAt: at,
      handling: { state: 'new' },
      stills: ['opened'],
    };
    stills.write(id, 'opened', still);
    for (const done of store.commit([{ dedupeKey: id, change: 'opened', at, incident }]))
      changes.publish(done);
    for (;;) {
      const { events } = store.outboxBatch('health', 0, 100);
      const about = events.map(({ data }) => data as WireMedia).find((data) => data.incident === id);
      if (about) return about;
      await sleep(clock, 20);
    }
  };
  const arrived = () => {
    const box = join(folder, 'platform', 'box-1');
    return readdirSync(join(folder, 'platform')).length === 0
      ? []
      : readdirSync(box).map((name) => readFileSync(join(box, name)));
  };
  return { store, link, raise, arrived };
}

/** A frame with one face in it, and data that a camera might have written beside the picture. */
async function faceStill(): Promise<Buffer> {
  const [set] = stillSets(media ?? '', { only: ['one face'] });
  assert.ok(set?.stills[1]);
  return sharp(set.stills[1])
    .withExif({ IFD0: { Copyright: 'CANARY-EXIF', ImageDescription: 'gate of compound 7' } })
    .withIccProfile('p3')
    .jpeg({ quality: 90 })
    .toBuffer();
}

test('the picture of an incident reaches the platform without a face and without metadata, and the transfer is on record', {
  skip: noMedia,
}, async (t) => {
  const env = ownCache(t);
  const way = await startWay(t, new Redactor({ clock, env }));
  const still = await faceStill();
  const second = await secondDetector({ env });
  assert.equal((await second.find(await decodeStill(still), threshold)).length, 1, 'the still shows a face');
  const about = await way.raise(still);
  assert.equal(about.state, 'stored', JSON.stringify(about));
  const [picture, ...more] = way.arrived();
  assert.ok(picture && more.length === 0);
  assert.deepEqual(await second.find(await decodeStill(picture), threshold), []);
  const up = Buffer.concat(way.link.sent);
  assert.ok(up.includes(picture), 'the search sees what goes up');
  for (const trace of ['CANARY', 'compound 7', 'Exif', 'ICC_PROFILE', still.subarray(1000, 1100)])
    assert.ok(!up.includes(trace), String(trace));
  const [transfer] = way.store.transfers.list(1);
  assert.equal(transfer?.what.sha256, about.state === 'stored' && about.sha256);
});

test('with the redactor replaced by one that changes nothing, the same search finds the face: it can fail', {
  skip: noMedia,
}, async (t) => {
  const still = await faceStill();
  const plain = await sharp(still).jpeg().toBuffer();
  const redaction = { faceModel: 'off', personModel: 'off', faces: 0, persons: 0 };
  const off = {
    redact: async (): Promise<RedactedJpeg> => ({
      jpeg: plain,
      facts: { width: 640, height: 480, redaction },
    }),
  };
  const way = await startWay(t, off);
  assert.equal((await way.raise(still)).state, 'stored');
  const second = await secondDetector({ env: ownCache(t) });
  const [picture] = way.arrived();
  assert.ok(picture);
  assert.equal((await second.find(await decodeStill(picture), threshold)).length, 1);
});

test('a group is a crowd, of which no picture goes', { skip: noMedia }, async (t) => {
  const way = await startWay(t, new Redactor({ clock, env: ownCache(t) }));
  const [group] = stillSets(media ?? '', { only: ['group'] });
  assert.ok(group?.stills[0]);
  const about = await way.raise(group.stills[0]);
  assert.deepEqual([about.state, 'reason' in about && about.reason], ['withheld', 'too-many-people']);
  assert.deepEqual([way.link.bytes, way.arrived().length, way.store.transfers.list(9).length], [0, 0, 0]);
});

test('on a box without a face model not a byte of a picture goes up, and the platform is told why', async (t) => {
  const way = await startWay(t, new Redactor({ clock, env: ownCache(t, false) }));
  const still = await sharp({ create: { width: 640, height: 360, channels: 3, background: '#777' } })
    .jpeg()
    .toBuffer();
  const about = await way.raise(still);
  assert.deepEqual([about.state, 'reason' in about && about.reason], ['withheld', 'no-face-model']);
  assert.deepEqual([way.link.bytes, way.arrived().length, way.store.transfers.list(9).length], [0, 0, 0]);
});
