import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { gatehouse } from './gatehouse.ts';

const site = `version: 1
site: { id: quay, name: { zh-CN: 码头, en: Quay } }
box: { id: quay-box }
cameras:
  - { id: pier-east, name: { zh-CN: 东, en: East }, url: rtsp://127.0.0.1:1/1 }
  - { id: pier-west, name: { zh-CN: 西, en: West }, url: rtsp://127.0.0.1:1/2 }
buses:
  - { id: gates, kind: modbus-tcp, host: 127.0.0.1, port: 1 }
  - { id: doors, kind: modbus-tcp, host: 127.0.0.1, port: 2 }
devices:
  - { id: arm, kind: barrier, name: { zh-CN: 道闸, en: Arm }, bus: gates, unit: 1, profile: r413d08-relay-8ch, outputs: { open: 0 }, failMode: safe }
  - { id: yard-gate, kind: gate, name: { zh-CN: 门, en: Gate }, bus: gates, unit: 1, profile: r413d08-relay-8ch, outputs: { open: 1 }, failMode: safe }
readers:
  - { id: lobby, name: { zh-CN: 大堂, en: Lobby }, path: /dev/none-1, door: arm }
  - { id: garage, name: { zh-CN: 车库, en: Garage }, path: /dev/none-2, door: arm }
`;

/**
 * Commands that name a thing which does not exist: one line on stderr lists the things that do, the nearest
 * first.
 */
const cases: readonly (readonly [args: readonly string[], said: RegExp])[] = [
  [
    ['replay', '--site', 'SITE', '--camera', 'pier_wst', '--input', 'x'],
    /no camera is called "pier_wst".*pier-west, pier-east/,
  ],
  [
    ['bus', 'read', '--site', 'SITE', '--bus', 'door', '--unit', '1', '--kind', 'coils'],
    /no bus is called "door".*doors, gates/,
  ],
  [['bus', 'scan', '--site', 'SITE', '--bus', 'nosuch'], /no bus is called "nosuch".*gates/],
  [
    ['bus', 'dry-run', '--site', 'SITE', '--device', 'yard', '--action', 'open'],
    /no device is called "yard".*yard-gate, arm/,
  ],
  [
    ['bus', 'dry-run', '--site', 'SITE', '--device', 'arm', '--action', 'opn'],
    /--action "opn" is not known.*open, /,
  ],
  [
    ['bus', 'read', '--site', 'SITE', '--bus', 'gates', '--unit', '1', '--kind', 'coil'],
    /--kind "coil" is not known.*coils, /,
  ],
  [['models', 'fetch', 'yolox-nan'], /no model is called "yolox-nan".*yolox-nano/],
  [['models', 'verify', 'nosuch'], /no model is called "nosuch".*gatehouse-compact/],
  [['models', 'derive', 'nosuch'], /no model is called "nosuch"/],
  [['detect', '--input', 'CLIP', '--model', 'nosuch'], /no model is called "nosuch"/],
  [['tracs', '--camera', 'x'], /no verb is called "tracs".*tracks, /],
  [['help', 'nosuch'], /no verb is called "nosuch"/],
  [['models', 'lst'], /no action is called "lst".*list, /],
];

for (const [args, said] of cases)
  test(`gatehouse ${args.join(' ')} fails with one line that names what there is, the nearest first`, (t) => {
    const { file, run } = gatehouse(t);
    const paths: Readonly<Record<string, string>> = {
      SITE: file('site.yaml', site),
      CLIP: join(import.meta.dirname, '../../lab/sim/clips/parking-day.mp4'),
    };
    const { status, out, err } = run(...args.map((arg) => paths[arg] ?? arg));
    assert.equal(status, 1, out);
    assert.equal(out, '');
    assert.match(err, new RegExp(`^gatehouse: [^\\n]*${said.source}[^\\n]*\\n$`));
  });

/** A service of the box, until the test ends. */
async function started(t: TestContext, main: string, socket: string, env: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../..', main)], {
    env,
    stdio: 'ignore',
  });
  t.after(async () => {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'exit');
  });
  for (const giveUpMs = Date.now() + 60_000; !existsSync(socket); await pause(20))
    assert.ok(Date.now() < giveUpMs && child.exitCode === null, `${main} does not start`);
}

test('a running box is asked about a camera, a reader and a card that there are not: the same', async (t) => {
  const box = gatehouse(t);
  const env = {
    ...process.env,
    GATEHOUSE_SITE: box.file('site.yaml', site),
    GATEHOUSE_CONSOLE_PORT: '0',
    GATEHOUSE_STATE_DIR: box.folder,
    GATEHOUSE_RUN_DIR: box.folder,
  };
  await started(t, 'edge-runtime/runtime/main.ts', join(box.folder, 'runtime', 'cli', 'api.sock'), env);
  await started(t, 'drivers/main.ts', join(box.folder, 'drivers', 'runtime', 'api.sock'), env);
  const asked: readonly (readonly [args: readonly string[], said: RegExp])[] = [
    [['tracks', '--camera', 'pier-wset'], /no camera is called "pier-wset".*pier-west, pier-east/],
    [['tracks', '--camera', '../x'], /no camera is called "\.\.\/x"/],
    [
      ['cards', 'enrol', '--reader', 'loby', '--label', '3-502'],
      /no card reader is called "loby".*lobby, garage/,
    ],
    [['cards', 'revoke', '--card', 'nosuch'], /no card is called "nosuch".*There is none/],
  ];
  for (const [args, said] of asked) {
    const { status, out, err } = box.run(...args);
    assert.deepEqual([status, out], [1, ''], args.join(' '));
    assert.match(err, new RegExp(`gatehouse: [^\\n]*${said.source}[^\\n]*\\n$`));
  }
  // A camera of the site of which nothing is stored is no mistake.
  assert.deepEqual(box.run('tracks', '--camera', 'pier-west'), { status: 0, out: '', err: '' });
});
