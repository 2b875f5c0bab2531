import { join } from 'node:path';
import { createConsole } from '@gatehouse/console';
import { type IncidentChange, loadSite, type ServiceHealth } from '@gatehouse/contracts';
import { IncidentEngine } from '@gatehouse/incidents';
import {
  systemClock as clock,
  GatehouseError,
  jsonLog,
  LocalClient,
  type PartTable,
  runService,
  socketPath,
  stateDir,
} from '@gatehouse/kit';
import { EventStore } from '@gatehouse/store';
import { cliRoutes } from './runtime/apis/cli-api.ts';
import { flowsRoutes } from './runtime/apis/flows-api.ts';
import { LocalApi } from './runtime/apis/local-app.ts';
import { syncRoutes } from './runtime/apis/sync-api.ts';
import { CameraBoard } from './runtime/camera-board.ts';
import { consolePorts, siteView } from './runtime/console-ports.ts';
import { ConsoleServer } from './runtime/console-server.ts';
import { DeviceBoard } from './runtime/device-board.ts';
import { DeviceRecorder } from './runtime/device-recorder.ts';
import { HealthBoard } from './runtime/health-board.ts';
import { Hub } from './runtime/hub.ts';
import { IncidentRecorder } from './runtime/incident-recorder.ts';
import { StillFiles } from './runtime/still-files.ts';
import { UplinkBoard } from './runtime/uplink-board.ts';

/** gatehouse-runtime: rules, incidents, events.db, the console. Opens no camera and no serial port. */
const log = jsonLog('runtime');

function build(): PartTable {
  const site = loadSite(process.env.GATEHOUSE_SITE ?? 'site.yaml');
  const state = stateDir();
  const vision = new LocalClient('vision', socketPath('vision', 'runtime'));
  const drivers = new LocalClient('drivers', socketPath('drivers', 'runtime'));
  const changes = new Hub<IncidentChange>((error) => log.error('incident-listener-failed', { error }));

  const store = new EventStore({ file: join(state, 'events.db'), box: site.box.id, clock });
  const stills = new StillFiles(join(state, 'stills'));
  const cameras = new CameraBoard({ site, vision, clock, log });
  const devices = new DeviceBoard({ site, drivers, clock, log });
  const recorder = new IncidentRecorder({
    engine: new IncidentEngine(site.cameras),
    store,
    frames: cameras.frames,
    changes,
    stills,
    takeStill: async (camera, atMs) =>
      (await vision.callRaw('GET', `/cameras/${camera}/still?atMs=${atMs}`, { timeoutMs: 15_000 })).bytes,
    clock,
    log,
  });
  const deviceRecorder = new DeviceRecorder({ store, drivers, changes, clock, log });
  const health = new HealthBoard({
    clock,
    polled: { vision, drivers },
    own: () => ownHealth(recorder, store),
  });
  const uplink = new UplinkBoard(store, health, clock, log);
  const console = createConsole(
    consolePorts({ site, store, recorder, changes, stills, cameras, devices, uplink, health, vision }),
    { clock, log },
  );
  const forSync = syncRoutes({ store, uplink, clock, log });
  const forFlows = flowsRoutes({
    store,
    changes,
    devices,
    health,
    site: siteView(site),
    verifyEditorToken: (token) => console.verifyEditorToken(token),
    clock,
  });
  const forCli = cliRoutes({
    store,
    health,
    cameras: () => cameras.list(),
    devices: () => devices.list(),
    setupCode: () => console.setupCode(),
  });

  return [
    ['store', store],
    ['incidents', recorder],
    ['cameras', cameras],
    ['devices', devices],
    ['device events', deviceRecorder],
    ['health', health],
    ['uplink', uplink],
    ['sync api', new LocalApi(socketPath('runtime', 'sync'), log, forSync)],
    ['flows api', new LocalApi(socketPath('runtime', 'flows'), log, forFlows)],
    ['cli api', new LocalApi(socketPath('runtime', 'cli'), log, forCli)],
    ['console', new ConsoleServer({ console, host: site.console.host, port: consolePort(), log })],
  ];
}

/** The runtime's own health; what the egress allow-list withheld is a fault of the box that somebody has to look at. */
function ownHealth(recorder: IncidentRecorder, store: EventStore): ServiceHealth {
  const refused = store.refusals();
  if (refused === 0) return recorder.health();
  return {
    status: 'degraded',
    detail: `${refused} events were withheld from upstream; see "egress-refused" in the log.`,
  };
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
