import { join } from 'node:path';
import { ConsoleServer } from '@gatehouse/console';
import { type IncidentChange, loadSite, type Prompt } from '@gatehouse/contracts';
import {
  ClockSync,
  systemClock as clock,
  jsonLog,
  LocalClient,
  type PartTable,
  ProcessorMonitor,
  runService,
  socketPath,
  stateDir,
} from '@gatehouse/kit';
import { EventStore, TrackStore } from '@gatehouse/store';
import { cliRoutes } from './runtime/apis/cli-api.ts';
import { flowsRoutes } from './runtime/apis/flows-api.ts';
import { LocalApi } from './runtime/apis/local-app.ts';
import { syncBodyBytes, syncRoutes } from './runtime/apis/sync-api.ts';
import { AuditHeadPost } from './runtime/audit-head-post.ts';
import { CameraBoard } from './runtime/camera-board.ts';
import { CameraHealthRecorder } from './runtime/camera-health-recorder.ts';
import { ClipFiles } from './runtime/clip-files.ts';
import { ClockWatch } from './runtime/clock-watch.ts';
import { consoleListeners } from './runtime/console-port.ts';
import { consolePorts, siteView } from './runtime/console-ports.ts';
import { DecisionWatch } from './runtime/decision-watch.ts';
import { boxFaults } from './runtime/desired-state/box-faults.ts';
import { DesiredState } from './runtime/desired-state/desired-state.ts';
import { FlowsPart } from './runtime/desired-state/flows-part.ts';
import { unquiet } from './runtime/desired-state/quiet.ts';
import { StateFile } from './runtime/desired-state/state-file.ts';
import { ZonesPart } from './runtime/desired-state/zones-part.ts';
import { DeviceBoard } from './runtime/device-board.ts';
import { deviceKey } from './runtime/device-key.ts';
import { DeviceRecorder } from './runtime/device-recorder.ts';
import { DiskGuard } from './runtime/disk-guard.ts';
import { EvidenceKeeper, fetchClip } from './runtime/evidence-keeper.ts';
import { FlowsRecord } from './runtime/flows-record.ts';
import { HealthBoard } from './runtime/health-board.ts';
import { Hub } from './runtime/hub.ts';
import { IncidentDesk } from './runtime/incident-desk.ts';
import { IncidentRecorder } from './runtime/incident-recorder.ts';
import { DryRuns } from './runtime/look-back/dry-runs.ts';
import { LookBack } from './runtime/look-back/look-back.ts';
import { MediaPost } from './runtime/media-post.ts';
import { MediaQueue } from './runtime/media-queue.ts';
import { PlatformPost } from './runtime/platform-post.ts';
import { RedactedFiles } from './runtime/redacted-files.ts';
import { RetentionRunner } from './runtime/retention-runner.ts';
import { SiteBook } from './runtime/site-book.ts';
import { StillFiles } from './runtime/still-files.ts';
import { StoreVerifier } from './runtime/store-verifier.ts';
import { UplinkBoard } from './runtime/uplink-board.ts';

/** gatehouse-runtime: rules, incidents, events.db, the console. Opens no camera and no serial port. */
const log = jsonLog('runtime');

function build(): PartTable {
  const siteFile = process.env.GATEHOUSE_SITE ?? 'site.yaml';
  const site = loadSite(siteFile);
  const state = stateDir();
  const processor = new ProcessorMonitor({ clock, log, told: () => health.services().vision?.processor });
  const vision = new LocalClient('vision', socketPath('vision', 'runtime'), (ms) => processor.limitMs(ms));
  const drivers = new LocalClient('drivers', socketPath('drivers', 'runtime'));
  const flows = new LocalClient('flows', socketPath('flows', 'runtime'));
  const changes = new Hub<IncidentChange>((error) => log.error('incident-listener-failed', { error }));
  const prompts = new Hub<Prompt>((error) => log.error('prompt-listener-failed', { error }));

  const store = new EventStore({
    ...{ file: join(state, 'events.db'), box: site.box.id, settings: site.store },
    ...{ clock, log },
  });
  const tracks = new TrackStore({ folder: join(state, 'tracks'), clock, log });
  const stills = new StillFiles(join(state, 'stills'));
  const clips = new ClipFiles(join(state, 'clips'), { maxBytes: site.store.evidenceGiB * 1024 ** 3 });
  const disk = new DiskGuard({ folder: state, bounds: site.store.pauseMedia, clock, log });
  const watchClock = processor.clock;
  const cameras = new CameraBoard({ site, vision, clock, watchClock, log });
  const devices = new DeviceBoard({ site, drivers, clock, watchClock, log });
  const recorder = new IncidentRecorder({
    site,
    tracks,
    store,
    frames: cameras.frames,
    changes,
    prompts,
    clock,
    log,
  });
  devices.fireChanges.subscribe(({ latched }) => {
    recorder.fireAlarm = latched;
  });
  const evidence = new EvidenceKeeper({
    ...{ store, changes, stills, clips, clock, log },
    frames: cameras.frames,
    allows: (what) => disk.allows(what),
    view: (camera) => recorder.view(camera),
    takeStill: async (camera, atMs) =>
      (await vision.callRaw('GET', `/cameras/${camera}/still?atMs=${atMs}`, { timeoutMs: 15_000 })).bytes,
    takeClip: (camera, fromMs, toMs) => fetchClip(vision, camera, fromMs, toMs),
  });
  const redacted = new RedactedFiles(join(state, 'redacted'));
  const pictures = new MediaQueue({
    ...{ box: site.box.id, media: site.uplink?.media, files: redacted, store, clock, log },
  });
  const media = new MediaPost({
    ...{ queue: pictures, store, stills, changes, vision, clock, log, random: Math.random },
    maxPeople: site.uplink?.media?.maxPeople ?? 0,
  });
  const book = new SiteBook({
    file: siteFile,
    history: join(state, 'site-history'),
    site,
    apply: (edited) => recorder.reload(edited),
    clock,
    log,
  });
  const desk = new IncidentDesk(store, changes);
  const calendar = { timezone: site.site.timezone, holidays: site.site.holidays };
  const lookBack = new LookBack({ tracks, calendar, clock });
  const dryRuns = new DryRuns({
    tracks,
    calendar,
    really: (camera, fromMs, toMs) =>
      store.incidentsOpened(camera, new Date(fromMs).toISOString(), new Date(toMs).toISOString()),
    clock,
    log,
  });
  const cameraHealth = new CameraHealthRecorder({
    store,
    cameras: site.cameras.map(({ id }) => id),
    statuses: cameras.changes,
    changes,
    clock,
    log,
  });
  const decisions = new DecisionWatch({
    cameras: site.cameras.map(({ id }) => id),
    watched: (camera) => recorder.view(camera).watched,
    vision,
    clock,
    log,
  });
  const deviceRecorder = new DeviceRecorder({ store, drivers, changes, clock, log });
  const clockSync = new ClockSync({ clock, log });
  const health = new HealthBoard({
    clock,
    polled: { vision, drivers },
    parts: () => ({
      ...{ 'device events': deviceRecorder, incidents: recorder, 'camera health': cameraHealth },
      ...{ store, 'store verifier': verifier, disk, tracks, retention, media, 'desired state': desired },
    }),
    clockSync,
    processor,
  });
  const retention = new RetentionRunner({
    ...{ store, clock, log, evidence: [stills, clips, redacted] },
    evidenceDays: site.store.retentionDays.alarms,
  });
  const verifier = new StoreVerifier({ verify: () => store.verify(), clock, log });
  const clockWatch = new ClockWatch({
    ...{ store, clock, log },
    synchronised: () => clockSync.synchronised(),
    onStep: (stepMs) => retention.clockStepped(stepMs),
  });
  const services = () => health.services();
  const flowsRecord = new FlowsRecord({ flows, store, clock, log });
  const startedMs = clock.monotonicMs();
  const desired = new DesiredState({
    ...{ box: site.box.id, keys: site.uplink?.commands?.keys ?? [] },
    allowed: site.permissions.upstream.configure,
    file: new StateFile(join(state, 'desired'), log),
    parts: {
      zones: new ZonesPart(book),
      flows: new FlowsPart(flows, flowsRecord),
    },
    unquiet: () =>
      unquiet({ devices, store, services, cameras, upMs: () => clock.monotonicMs() - startedMs }),
    faults: () => boxFaults({ cameras, recorder, services }),
    ...{ store, clock, log },
  });
  const uplink = new UplinkBoard(store, health, clock, log, () => desired.view(), watchClock);
  const server = new ConsoleServer(
    consolePorts({
      ...{ book, store, recorder, desk, changes, stills, clips, cameras, devices, uplink, health, vision },
      ...{ lookBack, dryRuns, flowsRecord, clock },
    }),
    {
      ...{ clock, log, deviceKey: deviceKey(join(state, 'console-device-key'), log) },
      ...site.console,
      ...consoleListeners(),
    },
  );
  const platform = new PlatformPost({
    ...{ drivers, store, clock, log },
    box: site.box.id,
    keys: site.uplink?.commands?.keys ?? [],
  });
  const forSync = syncRoutes({ store, uplink, platform, desired, media: pictures, clock, log });
  const forFlows = flowsRoutes({
    store,
    changes,
    prompts,
    devices,
    health,
    site: () => siteView(book.site),
    onReport: () => void flowsRecord.look(),
    verifyEditorToken: (token) => server.console.verifyEditorToken(token),
    clock,
  });
  const forCli = cliRoutes({
    store,
    health,
    cameras: () => cameras.list(),
    devices: () => devices.list(),
    inputs: () => devices.inputs(),
    sensors: () => devices.sensors.list(),
    fire: () => devices.fire,
    verifyAudit: (given) => {
      const head = store.acknowledgedAuditHead();
      const known = {
        ...(given ? { given } : {}),
        ...(head ? { acknowledged: `${head.sequence}:${head.hash}` } : {}),
      };
      const route = `/audit/verification?${new URLSearchParams(known)}`;
      return drivers.call('GET', route, { timeoutMs: 60_000 });
    },
    setupCode: () => server.console.setupCode(),
    tracks,
  });

  return [
    ['processor', processor],
    ['store', store],
    ['disk', disk],
    ['tracks', tracks],
    ['look back', lookBack],
    ['dry runs', dryRuns],
    ['incidents', recorder],
    ['desired state', desired],
    ['evidence', evidence],
    ['media', media],
    ['camera health', cameraHealth],
    ['cameras', cameras],
    ['decisions', decisions],
    ['devices', devices],
    ['device events', deviceRecorder],
    ['audit head', new AuditHeadPost({ store, drivers, clock, log })],
    ['retention', retention],
    ['clock sync', clockSync],
    ['clock watch', clockWatch],
    ['store verifier', verifier],
    ['health', health],
    ['uplink', uplink],
    ['sync api', new LocalApi(socketPath('runtime', 'sync'), log, forSync, syncBodyBytes)],
    ['flows api', new LocalApi(socketPath('runtime', 'flows'), log, forFlows)],
    ['cli api', new LocalApi(socketPath('runtime', 'cli'), log, forCli)],
    ['console', server],
  ];
}

await runService(log, build);
