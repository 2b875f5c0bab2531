import { join } from 'node:path';
import { createConsole } from '@gatehouse/console';
import {
  type IncidentChange,
  loadSite,
  type Prompt,
  processorShort,
  type ServiceHealth,
} from '@gatehouse/contracts';
import {
  systemClock as clock,
  GatehouseError,
  jsonLog,
  LocalClient,
  type PartTable,
  ProcessorWatch,
  runService,
  socketPath,
  stateDir,
} from '@gatehouse/kit';
import { EventStore, TrackStore } from '@gatehouse/store';
import { cliRoutes } from './runtime/apis/cli-api.ts';
import { flowsRoutes } from './runtime/apis/flows-api.ts';
import { LocalApi } from './runtime/apis/local-app.ts';
import { syncBodyBytes, syncRoutes } from './runtime/apis/sync-api.ts';
import { CameraBoard } from './runtime/camera-board.ts';
import { CameraHealthRecorder } from './runtime/camera-health-recorder.ts';
import { ClipFiles } from './runtime/clip-files.ts';
import { ClockSync } from './runtime/clock-sync.ts';
import { ClockWatch } from './runtime/clock-watch.ts';
import { consolePorts, siteView } from './runtime/console-ports.ts';
import { ConsoleServer } from './runtime/console-server.ts';
import { DecisionWatch } from './runtime/decision-watch.ts';
import { boxFaults } from './runtime/desired-state/box-faults.ts';
import { DesiredState } from './runtime/desired-state/desired-state.ts';
import { FlowsPart } from './runtime/desired-state/flows-part.ts';
import { unquiet } from './runtime/desired-state/quiet.ts';
import { StateFile } from './runtime/desired-state/state-file.ts';
import { ZonesPart } from './runtime/desired-state/zones-part.ts';
import { DeviceBoard } from './runtime/device-board.ts';
import { DeviceRecorder } from './runtime/device-recorder.ts';
import { DiskGuard } from './runtime/disk-guard.ts';
import { EvidenceKeeper, fetchClip } from './runtime/evidence-keeper.ts';
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
  const processor = new ProcessorWatch({ clock, log, told: () => health.services().vision?.processor });
  const vision = new LocalClient('vision', socketPath('vision', 'runtime'), (ms) => processor.limitMs(ms));
  const drivers = new LocalClient('drivers', socketPath('drivers', 'runtime'));
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
    own: () => {
      const own = ownHealth(store, [recorder, store, verifier, disk, tracks, media]);
      return withProcessor(withClock(own, clockSync), processor);
    },
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
  const startedMs = clock.monotonicMs();
  const desired = new DesiredState({
    ...{ box: site.box.id, keys: site.uplink?.commands?.keys ?? [] },
    allowed: site.permissions.upstream.configure,
    file: new StateFile(join(state, 'desired'), log),
    parts: {
      zones: new ZonesPart(book),
      flows: new FlowsPart(new LocalClient('flows', socketPath('flows', 'runtime'))),
    },
    unquiet: () =>
      unquiet({ devices, store, services, cameras, upMs: () => clock.monotonicMs() - startedMs }),
    faults: () => boxFaults({ cameras, recorder, services }),
    ...{ store, clock, log },
  });
  const uplink = new UplinkBoard(store, health, clock, log, () => desired.view(), watchClock);
  const console = createConsole(
    consolePorts({
      ...{ book, store, recorder, desk, changes, stills, clips, cameras, devices, uplink, health, vision },
      ...{ lookBack, dryRuns, clock },
    }),
    { clock, log },
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
    verifyEditorToken: (token) => console.verifyEditorToken(token),
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
    verifyAudit: () => drivers.call('GET', '/audit/verification', { timeoutMs: 60_000 }),
    setupCode: () => console.setupCode(),
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
    ['retention', retention],
    ['clock sync', clockSync],
    ['clock watch', clockWatch],
    ['store verifier', verifier],
    ['health', health],
    ['uplink', uplink],
    ['sync api', new LocalApi(socketPath('runtime', 'sync'), log, forSync, syncBodyBytes)],
    ['flows api', new LocalApi(socketPath('runtime', 'flows'), log, forFlows)],
    ['cli api', new LocalApi(socketPath('runtime', 'cli'), log, forCli)],
    ['console', new ConsoleServer({ console, host: site.console.host, port: consolePort(), log })],
  ];
}

/** The runtime's own health; what the egress allow-list withheld is a fault of the box that somebody has to look at. */
function ownHealth(store: EventStore, parts: readonly { health(): ServiceHealth }[]): ServiceHealth {
  const refused = store.refusals();
  if (refused > 0)
    return {
      status: 'degraded',
      detail: `${refused} events were withheld from upstream; see "egress-refused" in the log.`,
    };
  const [worst] = parts.map((part) => part.health()).filter(({ status }) => status !== 'ok');
  return worst ?? { status: 'ok' };
}

/** A clock that nobody keeps is said, and degrades nothing: many boxes stand where no time server is. */
function withClock(health: ServiceHealth, sync: ClockSync): ServiceHealth {
  const { detail = sync.warning() } = health;
  return { ...health, ...(detail === undefined ? {} : { detail }), clock: sync.state() };
}

/** A box that is short of processor degrades the runtime, after whatever else is wrong with it. */
function withProcessor(health: ServiceHealth, { state }: ProcessorWatch): ServiceHealth {
  const starved = processorShort(state);
  if (!starved) return health;
  const detail = health.status === 'ok' ? starved.detail : health.detail;
  const status = health.status === 'ok' ? 'degraded' : health.status;
  return { ...health, status, ...(detail === undefined ? {} : { detail }), processor: starved.processor };
}

function consolePort(): number {
  const text = process.env.GATEHOUSE_CONSOLE_PORT ?? '8080';
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new GatehouseError(
    'CONSOLE_PORT_WRONG',
    'input',
    `GATEHOUSE_CONSOLE_PORT "${text}" is no port number.`,
    'Set it to 1–65535.',
  );
}

await runService(log, build);
