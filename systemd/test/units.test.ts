import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { boxProcesses } from '../../edge-runtime/lab/demo/process-table.ts';

const units = join(import.meta.dirname, '..', 'units');
const dropIns = join(import.meta.dirname, '..', 'drop-ins');
const checkout = join(import.meta.dirname, '..', '..');
const installed = '/opt/gatehouse';
const services = ['drivers', 'vision', 'runtime', 'sync', 'flows'];
const scratch = mkdtempSync(join(tmpdir(), 'gatehouse-units-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

/** Overall exposure that `systemd-analyze security` (systemd 252) may give a unit: 0 best, 10 worst. */
const exposureLimits: Readonly<Record<string, number>> = {
  drivers: 2,
  vision: 2,
  runtime: 2,
  sync: 2,
  flows: 1,
};

function tool(name: string, args: readonly string[]) {
  const run = spawnSync(name, args, { encoding: 'utf8' });
  assert.equal(run.error, undefined, `${name} is missing: apt-get install systemd`);
  return { status: run.status, output: `${run.stdout}${run.stderr}` };
}

/**
 * Verifies copies of all units as installed, the checkout standing in for /opt/gatehouse, vision's with a
 * drop-in if one is given.
 */
function verify(
  name: string,
  change: (file: string, text: string) => string = (_file, text) => text,
  visionDropIn?: string,
) {
  const dir = join(scratch, name);
  mkdirSync(dir);
  const files = readdirSync(units).filter((file) => /\.(service|target)$/.test(file));
  for (const file of files) {
    const text = readFileSync(join(units, file), 'utf8');
    writeFileSync(join(dir, file), change(file, text).replaceAll(installed, checkout));
  }
  if (visionDropIn !== undefined) {
    mkdirSync(join(dir, 'gatehouse-vision.service.d'));
    writeFileSync(join(dir, 'gatehouse-vision.service.d', 'gpu.conf'), visionDropIn);
  }
  return tool('systemd-analyze', ['verify', '--man=no', ...files.map((file) => join(dir, file))]);
}

describe('units', () => {
  it('there is one for each service and all belong to the target', () => {
    const found = readdirSync(units).filter((file) => file.endsWith('.service'));
    assert.deepEqual(found.toSorted(), services.map((s) => `gatehouse-${s}.service`).toSorted());
    const target = readFileSync(join(units, 'gatehouse.target'), 'utf8');
    for (const file of found) assert.ok(target.includes(file), file);
  });

  it('are clean to systemd-analyze verify', () => {
    const { status, output } = verify('as-they-are');
    assert.equal(output, '');
    assert.equal(status, 0);
  });

  it('would not be if a setting were misspelt or a program missing', () => {
    const misspelt = verify('misspelt', (_file, text) => text.replace('ProtectSystem=', 'ProtectSystm='));
    assert.match(misspelt.output, /Unknown key.* 'ProtectSystm'/);
    const missing = verify('missing', (_file, text) => text.replace('.bin/node ', '.bin/nod '));
    assert.notEqual(missing.status, 0);
    assert.match(missing.output, /\.bin\/nod is not executable/);
  });

  it('let the services that watch for a shortage of processor see the run queue of the box', () => {
    const hides = (text: string) => /^ProcSubset=pid$/m.test(text);
    const hiding = services.filter((name) =>
      hides(readFileSync(join(units, `gatehouse-${name}.service`), 'utf8')),
    );
    assert.deepEqual(hiding, ['drivers', 'sync', 'flows']);
  });

  it('stay clean with each drop-in that opens a GPU, and a misspelt one would be noticed', () => {
    const misspelt = 'misspelt.conf';
    for (const file of [...readdirSync(dropIns), misspelt]) {
      const text =
        file === misspelt
          ? '[Service]\nDeviceAlow=/dev/null rw\n'
          : readFileSync(join(dropIns, file), 'utf8');
      const { output } = verify(`with ${file}`, undefined, text);
      if (file === misspelt) assert.match(output, /Unknown key.* 'DeviceAlow'/);
      else assert.equal(output, '', file);
    }
  });

  for (const service of services) {
    const text = readFileSync(join(units, `gatehouse-${service}.service`), 'utf8');
    it(`${service} runs a program of this tree as a user of its own`, () => {
      const command = /^ExecStart=\/opt\/gatehouse\/node_modules\/\.bin\/node (.+)$/m.exec(text)?.[1] ?? '';
      const args = command.split(' ').map((arg) => arg.replace(/^\/opt\/gatehouse\//, ''));
      assert.ok(existsSync(join(checkout, args.at(-1) ?? '')), command);
      const demo = boxProcesses('', '').find(({ name }) => name === service);
      assert.deepEqual(args, demo?.args, 'the same command as in the demo');
      const telemetry = /\bORT_DISABLE_TELEMETRY=(\S+)/.exec(text)?.[1];
      assert.equal(telemetry, demo?.env?.ORT_DISABLE_TELEMETRY, 'the same telemetry as in the demo');
      assert.match(text, new RegExp(`^User=gatehouse-${service}$`, 'm'));
    });

    it(`${service} is no more exposed than its limit`, (t) => {
      const threshold = exposureLimits[service] ?? 0;
      const { status, output } = tool('systemd-analyze', [
        'security',
        '--offline=true',
        '--no-pager',
        `--threshold=${threshold * 10}`,
        join(units, `gatehouse-${service}.service`),
      ]);
      const figure = /Overall exposure level for \S+: ([\d.]+)/.exec(output)?.[1];
      t.diagnostic(`gatehouse-${service}: exposure ${figure}, limit ${threshold}`);
      assert.equal(status, 0, output);
      assert.ok(Number(figure) <= threshold);
    });
  }

  it('vision, which runs models, starts with the telemetry of ONNX Runtime off', () => {
    const text = readFileSync(join(units, 'gatehouse-vision.service'), 'utf8');
    assert.match(text, /^Environment=.*\bORT_DISABLE_TELEMETRY=1\b/m);
  });

  it('only drivers may open serial ports, only flows is without a network, and drivers waits for nothing', () => {
    const having = (line: RegExp) =>
      services.filter((s) => line.test(readFileSync(join(units, `gatehouse-${s}.service`), 'utf8')));
    assert.deepEqual(having(/^DeviceAllow=/m), ['drivers']);
    assert.deepEqual(having(/^PrivateNetwork=yes$/m), ['flows']);
    assert.deepEqual(having(/^OOMScoreAdjust=-500$/m), ['drivers']);
    assert.deepEqual(having(/^MemoryDenyWriteExecute=yes/m), []);
    // Those that run ffmpeg on a camera's bytes: systemd's default stops the whole service when one child is
    // killed for memory.
    assert.deepEqual(having(/^OOMPolicy=continue$/m), ['vision']);
    const drivers = readFileSync(join(units, 'gatehouse-drivers.service'), 'utf8');
    assert.doesNotMatch(drivers, /^(After|Requires|Wants|BindsTo|Requisite)=/m);
  });
});

describe('users and socket directories', () => {
  const asRoot = process.getuid?.() === 0;
  it('let only its own caller into a socket', {
    skip: asRoot ? false : 'needs root to make users in a scratch root',
  }, () => {
    const root = join(scratch, 'root');
    mkdirSync(join(root, 'etc'), { recursive: true });
    const users = tool('systemd-sysusers', [`--root=${root}`, join(units, 'gatehouse.sysusers.conf')]);
    assert.equal(users.status, 0, users.output);
    const made = tool('systemd-tmpfiles', [
      '--create',
      `--root=${root}`,
      join(units, 'gatehouse.tmpfiles.conf'),
    ]);
    assert.equal(made.status, 0, made.output);
    const numbers = (file: string) =>
      new Map(
        readFileSync(join(root, 'etc', file), 'utf8')
          .trim()
          .split('\n')
          .map((line) => [line.split(':')[0], Number(line.split(':')[2])]),
      );
    const [uids, gids] = [numbers('passwd'), numbers('group')];
    for (const [owner, caller] of [
      ...[
        ['drivers', 'runtime'],
        ['vision', 'runtime'],
        ['flows', 'runtime'],
        ['drivers', 'cli'],
      ],
      ...[
        ['runtime', 'sync'],
        ['runtime', 'flows'],
        ['runtime', 'cli'],
      ],
    ]) {
      const directory = statSync(join(root, `run/gatehouse/${owner}/${caller}`));
      assert.equal(directory.mode & 0o7777, 0o2750);
      assert.equal(directory.uid, uids.get(`gatehouse-${owner}`));
      assert.equal(directory.gid, gids.get(`gatehouse-call-${caller}`));
    }
    // The editor's listener is a part of the runtime.
    const editor = statSync(join(root, 'run/gatehouse/flows/editor'));
    assert.deepEqual([editor.mode & 0o7777, editor.gid], [0o2750, gids.get('gatehouse-call-runtime')]);
    const members = readFileSync(join(root, 'etc/group'), 'utf8');
    for (const caller of ['runtime', 'sync', 'flows'])
      assert.match(members, new RegExp(`^gatehouse-call-${caller}:x?:\\d+:gatehouse-${caller}$`, 'm'));
  });
});
