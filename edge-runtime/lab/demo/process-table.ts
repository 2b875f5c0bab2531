import { join } from 'node:path';
import type { DemoCamera } from './cameras.ts';
import { cameraUser, type DemoFiles, type DemoPorts } from './demo-site.ts';
import type { FlowsWall } from './flows-wall.ts';
import type { ProcessSpec } from './supervisor/index.ts';

/** The log line of the kit's `runService` when every part of a service has started. */
const serviceStarted = /"event":"service-started"/;

/**
 * Runs V8's collector on the thread that makes the garbage. A frame makes little garbage. Waking helper
 * threads for it cost a tenth of a camera's share (3.17 against 2.80 CPU seconds for 191 frames, 2 cores). It
 * is a flag of the start; it cannot be set later.
 */
const collectOnOneThread = '--single-threaded-gc';

/**
 * V8's young generation grows to 48 MiB a process when much is allocated, and stays so. Memory rose step by
 * step while a box sent a million events (`bench/sync-drain.ts`: drivers, runtime and sync 742 MB in the
 * end). With 4 MiB a half it is flat, at 519 MB. The same drain ran at 5,864 events a second instead of
 * 6,929, and the shorter throughput bench 4 % slower.
 */
const smallYoungGeneration = '--max-semi-space-size=4';

/** Flags of Node for a program of this tree, on a box and at the platform. */
const nodeFlags: Readonly<Record<string, readonly string[]>> = {
  'drivers/main.ts': [smallYoungGeneration],
  'edge-runtime/vision/main.ts': [collectOnOneThread],
  'edge-runtime/runtime/main.ts': [smallYoungGeneration],
  'sync-agent/main.ts': [smallYoungGeneration],
  'sync-agent/receiver/main.ts': [smallYoungGeneration],
};

/** Flags of Node before a program's file. */
export function nodeFlagsOf(main: string): readonly string[] {
  return nodeFlags[main] ?? [];
}

/**
 * The code of a flow can read the environment that its process was started with: nothing in it may be a
 * secret.
 */
const knownToFlows = /^(PATH|TMPDIR|TZ|LANG|LANGUAGE|LC_[A-Z]+|NODE_ENV|GATEHOUSE_RUN_DIR)$/;

/** The box itself, in starting order: doors first, because they depend on nothing else; flows last. */
export function boxProcesses(
  site: string,
  stateDir: string,
  more: { readonly env?: Readonly<Record<string, string>>; readonly flowsWall?: FlowsWall } = {},
): ProcessSpec[] {
  const service = (name: string, main: string, env: Readonly<Record<string, string>> = {}): ProcessSpec => ({
    name,
    args: [...nodeFlagsOf(main), main],
    env: { GATEHOUSE_SITE: site, GATEHOUSE_STATE_DIR: stateDir, ...more.env, ...env },
    ready: serviceStarted,
  });
  return [
    service('drivers', 'drivers/main.ts'),
    // ONNX Runtime would report to its maker. The code that loads it turns that off (@gatehouse/onnx); here
    // it is off from the start.
    service('vision', 'edge-runtime/vision/main.ts', { ORT_DISABLE_TELEMETRY: '1' }),
    service('runtime', 'edge-runtime/runtime/main.ts'),
    service('sync', 'sync-agent/main.ts'),
    {
      name: 'flows',
      args: [...nodeFlagsOf('flows/main.ts'), 'flows/main.ts'],
      // No site file. Its home is the folder that it may write, for packages that ask for a home.
      env: { GATEHOUSE_STATE_DIR: stateDir, HOME: join(stateDir, 'flows') },
      inherits: knownToFlows,
      wall: more.flowsWall?.command ?? [],
      ready: serviceStarted,
    },
  ];
}

/** The world around the box: cameras, relay boards, broker and the city platform. */
export function worldProcesses(
  files: DemoFiles,
  ports: DemoPorts,
  cameras: readonly DemoCamera[],
): ProcessSpec[] {
  const streams = cameras.flatMap(({ path, clips }) =>
    clips.flatMap((clip) => ['--stream', `${path}=${clip}`]),
  );
  return [
    {
      name: 'camera-simulator',
      args: [
        'edge-runtime/lab/camera-simulator/main.ts',
        ...streams,
        ...['--port', String(ports.rtsp), '--control-port', String(ports.rtspControl)],
        ...['--username', cameraUser, '--password-file', files.cameraPassword],
      ],
      ready: /^control at /,
    },
    {
      name: 'door-simulator',
      args: [
        'drivers/simulators/main.ts',
        ...['--tcp-port', String(ports.modbus), '--pty-link', files.serialLine],
        ...['--control-port', String(ports.doorControl)],
      ],
      ready: /"event":"simulators-ready"/,
    },
    {
      name: 'broker',
      args: ['sync-agent/simulators/broker-main.ts', '--port', String(ports.mqtt)],
      ready: /"event":"broker-listening"/,
    },
    {
      name: 'platform',
      args: [
        ...nodeFlagsOf('sync-agent/receiver/main.ts'),
        'sync-agent/receiver/main.ts',
        ...['--url', `mqtt://127.0.0.1:${ports.mqtt}`, '--db', files.platformDatabase],
      ],
      ready: serviceStarted,
    },
  ];
}
