import { join, resolve } from 'node:path';
import { loadSite } from '@gatehouse/contracts';
import {
  systemClock as clock,
  isoWithOffset,
  jsonLog,
  type Log,
  type PartTable,
  runService,
  stateDir,
} from '@gatehouse/kit';
import { askHealth } from './box-health.ts';
import { demoCameras } from './cameras.ts';
import { type DemoPorts, wishedPorts, writeDemoSite } from './demo-site.ts';
import { buildFlowsWall } from './flows-wall.ts';
import { freePorts } from './free-ports.ts';
import { Greeting, type Note } from './greeting.ts';
import { type ModelsReady, readyModels } from './models.ts';
import { claimDirectories, consolePort, editorPort, requireFreePort } from './preflight.ts';
import { preview } from './preview.ts';
import { boxProcesses, worldProcesses } from './process-table.ts';
import { type ProcessSpec, Supervisor } from './supervisor/index.ts';
import { both, label } from './words.ts';

/**
 * `npm start`: runs the box and, unless GATEHOUSE_SITE names a site of its own, a simulated world around it.
 * Environment: GATEHOUSE_STATE_DIR, GATEHOUSE_CONSOLE_PORT, GATEHOUSE_EDITOR_PORT, GATEHOUSE_SITE,
 * GATEHOUSE_MEDIA_DIR, GATEHOUSE_MODEL_MIRROR.
 */
const root = join(import.meta.dirname, '..', '..', '..');
const state = stateDir();
const logs = join(state, 'logs');

function say(name: string, text: string): void {
  const time = isoWithOffset(clock.epochMs()).slice(11, 19);
  process.stdout.write(`${time}  ${name.padEnd(17)} ${text}\n`);
}

interface Plan {
  readonly site: string;
  /** The simulated world around the box. */
  readonly world: readonly ProcessSpec[];
  /** The greeting's notes about it. */
  readonly notes: () => Promise<readonly Note[]>;
}

async function build(): Promise<PartTable> {
  const port = consolePort();
  await claimDirectories(state);
  const wall = buildFlowsWall({ checkout: root, stateDir: state, env: process.env });
  if (wall.missing !== undefined) say('flows', wall.missing);
  const ownSite = process.env.GATEHOUSE_SITE;
  const plan = ownSite ? ownSitePlan(resolve(ownSite)) : await demoPlan();
  const { host } = loadSite(plan.site).console;
  await requireFreePort(port, host);
  const ports = { GATEHOUSE_EDITOR_PORT: String(await editorPort(port, host)) };
  const env = { ...process.env, GATEHOUSE_STATE_DIR: state };
  const models = await readyModels(plan.site, root, env, (text) => say('models', text));

  let setupCode: string | undefined;
  const processes = [...plan.world, ...boxProcesses(plan.site, state, { env: ports, flowsWall: wall })];
  const supervisor = new Supervisor(processes, {
    clock,
    random: Math.random,
    logDir: logs,
    cwd: root,
    say,
    onLine: (name, line) => {
      if (name === 'runtime')
        setupCode = /"event":"setup-code".*"code":"([^"]+)"/.exec(line)?.[1] ?? setupCode;
    },
  });
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  const consoleUrl = `http://${reachable}:${port}`;
  const greeting = new Greeting({
    clock,
    consoleUrl,
    askHealth: () => askHealth(consoleUrl),
    setupCode: () => setupCode,
    notes: async () => [
      ...modelNotes(models),
      [
        label('flow-editor'),
        `${consoleUrl}/flows (${both('editor-port', { port: ports.GATEHOUSE_EDITOR_PORT })})`,
      ],
      ...(await plan.notes()),
    ],
    print: (text) => process.stdout.write(text),
  });
  return [
    ['supervisor', supervisor],
    ['greeting', greeting],
  ];
}

function ownSitePlan(site: string): Plan {
  loadSite(site);
  return { site, world: [], notes: async () => [[label('logs'), logs]] };
}

function modelNotes({ detects, advice }: ModelsReady): Note[] {
  if (!detects) return [[label('detector'), both('no-model')]];
  return advice.map((text) => [label('detector'), `${both('see-models')}. ${text}`] as const);
}

async function demoPlan(): Promise<Plan> {
  const media = process.env.GATEHOUSE_MEDIA_DIR;
  const cameras = await demoCameras({ media }, (text) => say('camera-simulator', text));
  const ports: DemoPorts = await freePorts({ ...wishedPorts });
  const files = writeDemoSite(state, ports, cameras);
  const faults = `{"stream":"${cameras[0]?.path}","kind":"stall"}`;
  return {
    site: files.site,
    world: worldProcesses(files, ports, cameras),
    notes: async () => [
      ...(await preview(cameras, loadSite(files.site), ports.rtspControl)),
      [label('site-file'), files.site],
      [label('platform'), `${files.platformDatabase} (${both('received')})`],
      [label('camera-faults'), `POST http://127.0.0.1:${ports.rtspControl}/misbehave ${faults}, then /heal`],
      [label('door-faults'), `http://127.0.0.1:${ports.doorControl}/state`],
      [label('logs'), logs],
    ],
  };
}

/**
 * The terminal is for people. A failed start has its own line already, so only a fault in this program is
 * worth another.
 */
const log: Log = jsonLog('supervisor', {
  level: 'error',
  write: (line) => {
    if (!line.includes('"event":"service-start-failed"')) process.stderr.write(line);
  },
});

await runService(log, build);
