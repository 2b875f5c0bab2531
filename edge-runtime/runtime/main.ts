import { join } from 'node:path';
import { ConsoleServer } from '@gatehouse/console';
import { type IncidentChange, loadSite, type Prompt } from '@gatehouse/contracts';
import {
  ClockSync,
  systemClock as clock,
  jsonLog,
  LocalClient,
  type PartTable,
  ProcessorWatch,
  runService,
  socketPath,
  stateDir,
} from '@gatehouse/kit';
import { EventStore, TrackStore } from '@gatehouse/store';
import { cliRoutes } from './apis/cli-api.ts';
import { flowsRoutes } from './apis/flows-api.ts';
import { LocalApi } from './apis/local-app.ts';
import { syncBodyBytes, syncRoutes } from './apis/sync-api.ts';
import { CameraBoard } from './cameras/camera-states.ts';
import { DecisionWatch } from './cameras/near-decisions.ts';
import { consoleListeners } from './console/console-listeners.ts';
import { consolePorts, siteView } from './console/console-ports.ts';
import { deviceKey } from './console/device-key.ts';
import { boxFaults } from './desired-state/box-faults.ts';
import { DesiredState } from './desired-state/desired-state.ts';
import { FlowsPart } from './desired-state/flows-part.ts';
import { unquiet } from './desired-state/quiet.ts';
import { StateFile } from './desired-state/state-file.ts';
import { ZonesPart } from './desired-state/zones-part.ts';
import { DeviceRecorder } from './devices/device-event-ingest.ts';
import { DeviceBoard } from './devices/device-states.ts';
import { ClipFiles } from './evidence/clip-files.ts';
import { DiskGuard } from './evidence/disk-pressure.ts';
import { EvidenceKeeper, fetchClip } from './evidence/evidence-collector.ts';
import { StillFiles } from './evidence/still-files.ts';
import { ClockWatch } from './health/clock-steps.ts';
import { HealthBoard } from './health/service-healths.ts';
import { Hub } from './hub.ts';
import { CameraHealthRecorder } from './incidents/camera-health-incidents.ts';
import { IncidentDesk } from './incidents/incident-handling.ts';
import { IncidentRecorder } from './incidents/rule-incidents.ts';
import { DryRuns } from './look-back/dry-runs.ts';
import { LookBack } from './look-back/look-back.ts';
import { MediaQueue } from './media/media-outbox.ts';
import { MediaPost } from './media/media-redaction.ts';
import { RedactedFiles } from './media/redacted-files.ts';
import { SiteBook } from './site/current-site.ts';
import { FlowsRecord } from './site/flows-audit.ts';
import { RetentionRunner } from './storage/retention-job.ts';
import { StoreVerifier } from './storage/store-verifier.ts';
import { AuditHeadPost } from './upstream/audit-head-forwarder.ts';
import { PlatformPost } from './upstream/platform-forwarder.ts';
import { UplinkBoard } from './upstream/uplink-state.ts';

/** gatehouse-runtime: rules, incidents, events.db, the console. Opens no camera and no serial port. */
const log = jsonLog('runtime');

function build(): PartTable {
  const siteFile = process.env.GATEHOUSE_SITE ?? 'site.yaml';
  const site = loadSite(siteFile);
  const state = stateDir();
  const processor = new ProcessorWatch({ clock, log, told: () => health.services().vision?.processor });
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
