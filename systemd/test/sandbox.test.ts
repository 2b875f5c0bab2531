import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

/**
 * Accesses that the sandbox of a unit really allows, asked of a real systemd (boot.sh) and the real kernel.
 */
const here = import.meta.dirname;
const checkout = join(here, '..', '..');
const unit = readFileSync(join(here, '..', 'units', 'gatehouse-runtime.service'), 'utf8');
const own = ['--fork', '--kill-child', '--pid', '--mount', '--uts', '--ipc', '--cgroup'];
const bootMs = 120_000;

const skip = reasonToSkip();
test('the runtime saves zones under ProtectSystem=strict, may write nowhere else, and sees whether the clock is kept', {
  skip,
}, () => {
  const { save, again, ownedByRuntime, commentKept, clock, elsewhere, profilesMoved } = boot(unit);
  assert.deepEqual([save, again], ['ok', 'ok'], 'the first save replaces a file of root, the second its own');
  assert.ok(ownedByRuntime && commentKept);
  assert.equal(clock, 'synchronised');
  assert.equal(profilesMoved, 'EBUSY', 'nor is the folder of profiles put aside for another');
  assert.deepEqual(new Set(Object.values(elsewhere)), new Set(['EROFS']), JSON.stringify(elsewhere));
});

test('without the line that allows it the save is refused, with a code that has a remedy', { skip }, () => {
  const without = unit.replace('ReadWritePaths=-/etc/gatehouse/site\n', '');
  assert.notEqual(without, unit);
  assert.equal(boot(without).save, 'SITE_FILE_NOT_WRITABLE');
});

test('without the line that keeps them the device profiles beside the site file could be exchanged', {
  skip,
}, () => {
  const without = unit.replace('ReadOnlyPaths=-/etc/gatehouse/site/profiles\n', '');
  assert.notEqual(without, unit);
  assert.equal(boot(without).profilesMoved, 'ok');
});

interface Outcome {
  readonly save: string;
  readonly again: string;
  readonly ownedByRuntime: boolean;
  readonly commentKept: boolean;
  readonly clock: string;
  readonly profilesMoved: string;
  readonly elsewhere: Readonly<Record<string, string>>;
}

/**
 * Boots a machine whose runtime service is save-zones.ts in the sandbox of `text`; returns what it printed.
 */
function boot(text: string): Outcome {
  const scratch = mkdtempSync(join(tmpdir(), 'gatehouse-boot-'));
  const group = ownCgroup();
  try {
    const units = join(scratch, 'units');
    mkdirSync(units);
    const service = /\[Service\][\s\S]*?(?=\[Install\])/.exec(text)?.[0] ?? '';
    writeFileSync(join(units, 'probe.service'), `[Unit]\nDefaultDependencies=no\n${asProbe(service)}`);
    writeFileSync(
      join(units, 'leave.service'),
      '[Unit]\nDefaultDependencies=no\nAfter=probe.service\n[Service]\nType=oneshot\nExecStart=systemctl exit\n',
    );
    writeFileSync(
      join(units, 'boot-test.target'),
      '[Unit]\nDefaultDependencies=no\nWants=probe.service leave.service\n',
    );
    copyFileSync(join(checkout, 'edge-runtime/lab/demo/site.yaml'), join(scratch, 'site.yaml'));
    const script = 'echo $$ > "$0/cgroup.procs" && exec unshare "$@"';
    const args = ['-c', script, group, ...own, join(here, 'boot.sh'), checkout, scratch];
    const run = spawnSync('sh', args, { encoding: 'utf8', timeout: bootMs, killSignal: 'SIGKILL' });
    const out = (name: string) => {
      const file = join(scratch, 'out', name);
      return existsSync(file) ? readFileSync(file, 'utf8') : '';
    };
    assert.ok(out('stdout'), `nothing was said.\n${run.stdout}${run.stderr}${out('stderr')}`);
    return JSON.parse(out('stdout'));
  } finally {
    // Its files are the kernel's: only the directories can be removed, and have to be, the inner ones first.
    spawnSync('find', [group, '-depth', '-type', 'd', '-exec', 'rmdir', '{}', ';']);
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The service as it is, but for what it runs and where it prints. */
function asProbe(service: string): string {
  const changed = service
    .replace('Type=exec', 'Type=oneshot')
    .replace('edge-runtime/runtime/main.ts', 'systemd/test/save-zones.ts')
    .replace(/^Restart=.*\n/m, '');
  assert.ok(
    changed.includes('Type=oneshot') && changed.includes('save-zones.ts') && !/^Restart=/m.test(changed),
  );
  return `${changed}StandardOutput=file:/var/out/stdout\nStandardError=file:/var/out/stderr\n`;
}

/** Where the unified cgroup hierarchy is mounted. */
function cgroupMount(): string | undefined {
  const line = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .find((mount) => mount.split(' ')[2] === 'cgroup2');
  return line?.split(' ')[1];
}

/** A control group below this process's own, so that the booted systemd manages none but its own. */
function ownCgroup(): string {
  const path = /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1] ?? '/';
  return mkdtempSync(join(cgroupMount() ?? '', path, 'gatehouse-boot-'));
}

function reasonToSkip(): string | false {
  if (process.getuid?.() !== 0) return 'needs root to boot a systemd in namespaces of its own';
  if (!existsSync('/lib/systemd/systemd')) return 'needs the Debian package systemd';
  if (cgroupMount() === undefined) return 'needs a unified cgroup hierarchy';
  const tried = spawnSync('unshare', [...own, 'mount', '--make-rprivate', '/']);
  return tried.status === 0 ? false : 'this machine lets root make no namespaces';
}
