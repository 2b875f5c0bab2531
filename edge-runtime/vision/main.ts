import { join } from 'node:path';
import { type Camera, loadSite, siteFileSet } from '@gatehouse/contracts';
import {
  jsonLog,
  type PartTable,
  ProcessorMonitor,
  runService,
  SteadyTimeline,
  socketPath,
  stateDir,
  systemClock,
} from '@gatehouse/kit';
import { EventHub } from './api/event-hub.ts';
import type { ModelLane } from './api/health.ts';
import { VisionApi } from './api/vision-api.ts';
import { HardwareDecode } from './decoder/hardware-decode.ts';
import { foregroundStage } from './foreground/index.ts';
import { CameraClock } from './health/camera-clock.ts';
import { InferenceLane } from './infer/inference-lane.ts';
import { ModelSlot } from './infer/model-slot.ts';
import type { Failure } from './infer/protocol.ts';
import { Mpeg1Streams } from './live/mpeg1-streams.ts';
import { CameraPipeline } from './pipeline/camera-pipeline.ts';
import { KeptMemory, type Memory } from './pipeline/kept-memory.ts';
import { ConnectionLimiter } from './puller/connection-limiter.ts';
import { Redactor } from './redact/redactor.ts';
import type { RingLimits } from './ring/gop-store.ts';
import { sourceOf } from './rtsp/site-source.ts';
import { ClipMaker } from './stills/clip-maker.ts';
import { StillMaker } from './stills/still-maker.ts';
import { firstIdAt, Tracker } from './track/index.ts';

const defaultModel = 'default';

const log = jsonLog('vision');
await runService(log, build);

/** The vision service: detectors, then cameras, then the API that shows them. */
function build(): PartTable {
  const file = siteFileSet();
  const site = loadSite(file);
  const clock = systemClock;
  const random = Math.random;
  const { hardwareDecode, executionProvider } = site.vision;
  const hardware = new HardwareDecode(hardwareDecode, log);
  const pipelines: CameraPipeline[] = [];
  const pids = () =>
    pipelines
      .flatMap(({ pullerPid, decoderPid }) => [pullerPid, decoderPid])
      .filter((pid) => pid !== undefined);
  const processor = new ProcessorMonitor({ clock, log, pids });
  const timeline = new SteadyTimeline(clock);
  const lanes = new Map(
    [...Map.groupBy(site.cameras, laneOf)].map(([model, cameras]) => {
      const slot = new ModelSlot({
        named: cameras[0]?.analysis.model,
        longSidePx: cameras[0]?.analysis.longSidePx,
        executionProvider,
        cameras: cameras.map(({ id }) => id),
        log,
      });
      const recipe = (lost?: Failure) => slot.recipe(lost);
      const watchClock = processor.clock;
      return [model, { slot, lane: new InferenceLane({ model, recipe, clock, watchClock, random, log }) }];
    }),
  );
  const clocks: (readonly [string, CameraClock])[] = [];
  const memories: (readonly [string, KeptMemory])[] = [];
  const connections = new ConnectionLimiter();
  const hub = new EventHub(clock, pipelines);
  for (const camera of site.cameras) {
    const { lane } = lanes.get(laneOf(camera)) ?? {};
    if (!lane) throw new TypeError(`no lane for ${camera.id}`);
    const stage = foregroundStage(camera);
    const keep = (name: string, folder: string, memory: Memory) => {
      const kept = join(stateDir(), folder, `${camera.id}.bin`);
      memories.push([`${name} ${camera.id}`, new KeptMemory({ memory, file: kept, clock, log })]);
    };
    if (stage) keep('baseline', 'baselines', stage.foreground);
    const tracker = new Tracker({ firstId: firstIdAt(clock.epochMs()) });
    keep('looks', 'looks', tracker);
    const source = () => sourceOf(camera, file);
    const pipeline = new CameraPipeline({
      id: camera.id,
      source,
      fps: camera.analysis.fps,
      decode: camera.analysis.decode,
      hardware: hardware.of(camera.id),
      lane,
      tracker,
      stage,
      limits: ringLimits(camera),
      connections,
      onTrackFrame: (frame) => hub.trackFrame(frame),
      now: () => timeline.nowMs(),
      wallOffsetMs: () => timeline.wallOffsetMs(),
      clock,
      processor,
      random,
      log,
    });
    pipelines.push(pipeline);
    const onOffset = (offsetMs: number) => pipeline.clockOffset(offsetMs);
    const clockLog = log.with({ camera: camera.id });
    clocks.push([
      `clock of ${camera.id}`,
      new CameraClock({
        source,
        connections,
        onOffset,
        clock,
        random,
        log: clockLog,
        short: () => processor.short,
      }),
    ]);
  }
  const api = new VisionApi({
    socket: socketPath('vision', 'runtime'),
    cameras: pipelines,
    lanes: [...lanes.values()].map(served),
    decodeFault: () => hardware.fault,
    processor,
    hub,
    stills: new StillMaker(processor.clock),
    clips: new ClipMaker(processor.clock),
    mpeg1: new Mpeg1Streams({ clock, log }),
    redactor: new Redactor({ clock: processor.clock }),
    log,
  });
  return [
    ['processor', processor],
    ...[...lanes].map(([model, { lane }]) => [`detector ${model}`, lane] as const),
    ...memories,
    ...pipelines.map((pipeline) => [`camera ${pipeline.id}`, pipeline] as const),
    ...clocks,
    ['events', hub],
    ['api', api],
  ];
}

/** A lane with its model as the API shows them, at the time of asking. */
function served({ lane, slot }: { lane: InferenceLane; slot: ModelSlot }): ModelLane {
  return {
    model: lane.model,
    get status() {
      return lane.status;
    },
    get inUse() {
      return slot.inUse;
    },
    get fault() {
      return slot.fault;
    },
    get providerFault() {
      return slot.providerFault ?? lane.providerFault;
    },
  };
}

function ringLimits({ ring: { megabytes, seconds } }: Camera): RingLimits {
  return { maxBytes: megabytes * 1024 * 1024, maxAgeMs: seconds * 1000 };
}

/** Cameras of one model at one input size share a lane. */
function laneOf({ analysis: { model = defaultModel, longSidePx } }: Camera): string {
  return longSidePx === undefined ? model : `${model} at ${longSidePx}`;
}
