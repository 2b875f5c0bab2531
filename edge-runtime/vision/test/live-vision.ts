import type { TestContext } from 'node:test';
import type { CameraStatus, TrackFrame } from '@gatehouse/contracts';
import { scratchFolder } from '@gatehouse/harness';
import { LocalClient, readEventStream, SteadyTimeline, silentLog, systemClock } from '@gatehouse/kit';
import { EventHub } from '../api/event-hub.ts';
import { VisionApi } from '../api/vision-api.ts';
import { InferenceLane } from '../infer/inference-lane.ts';
import { fakeRecipe } from '../infer/test/fake-detector.ts';
import { Mpeg1Streams } from '../live/mpeg1-streams.ts';
import { CameraPipeline } from '../pipeline/camera-pipeline.ts';
import { Redactor } from '../redact/redactor.ts';
import type { CameraSource } from '../rtsp/camera-source.ts';
import { ClipMaker } from '../stills/clip-maker.ts';
import { StillMaker } from '../stills/still-maker.ts';
import { Tracker } from '../track/index.ts';

/** The vision service over one camera with a fake model, in this process, and a listener to its events. */
export async function startVision(
  t: TestContext,
  source: CameraSource | (() => CameraSource),
  recipe = fakeRecipe(),
) {
  const clock = systemClock;
  const timeline = new SteadyTimeline(clock);
  const socket = `${scratchFolder(t)}/api.sock`;
  const parts = { clock, random: Math.random, log: silentLog };
  const lane = new InferenceLane({ model: 'fake', recipe, ...parts });
  const cameras: CameraPipeline[] = [];
  const hub = new EventHub(clock, cameras);
  const camera = new CameraPipeline({
    id: 'gate',
    source: typeof source === 'function' ? source : () => source,
    fps: 5,
    lane,
    tracker: new Tracker(),
    limits: { maxBytes: 8_000_000, maxAgeMs: 30_000 },
    onTrackFrame: (frame) => hub.trackFrame(frame),
    now: () => timeline.nowMs(),
    wallOffsetMs: () => timeline.wallOffsetMs(),
    ...parts,
  });
  cameras.push(camera);
  const stills = new StillMaker(clock);
  const clips = new ClipMaker(clock);
  const mpeg1 = new Mpeg1Streams({ clock, log: silentLog });
  const api = new VisionApi({
    socket,
    cameras,
    lanes: [lane],
    hub,
    stills,
    clips,
    mpeg1,
    redactor: new Redactor({ clock: systemClock }),
    log: silentLog,
  });
  const order = [lane, camera, hub, api];
  t.after(async () => {
    for (const part of order.toReversed()) await part.stop();
  });
  for (const part of order) await part.start();
  const client = new LocalClient('vision', socket);
  const frames: TrackFrame[] = [];
  const statuses: CameraStatus[] = [];
  const events = await client.open('GET', '/events');
  t.after(() => {
    events.destroy();
  });
  let wake: () => void = () => undefined;
  void (async () => {
    for await (const { event, data } of readEventStream(events)) {
      if (event === 'track-frame') frames.push(data as TrackFrame);
      else statuses.push(data as CameraStatus);
      wake();
    }
  })().catch(() => wake());
  /** Waits, event by event, until something holds; the test runner's own limit bounds it. */
  const until = async (holds: () => boolean) => {
    while (!holds())
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
  };
  return { client, camera, frames, statuses, until, socket, mpeg1 };
}
