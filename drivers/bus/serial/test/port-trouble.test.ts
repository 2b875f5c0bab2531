import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { Bus } from '@gatehouse/contracts';
import { until } from '@gatehouse/harness';
import { describeError, silentLog, systemClock } from '@gatehouse/kit';
import { PtyPair } from '../../../simulators/pty-pair.ts';
import { portUser } from '../../../test/peers/port-user.ts';
import { lineTo } from '../../byte-line.ts';
import { FieldBus } from '../../field-bus.ts';
import { linkTo } from '../../open-link.ts';
import { troubleNow, troubleOf } from '../port-trouble.ts';

const format = { baudRate: 9600, parity: 'none', stopBits: 1 } as const;
const nobody = 65_534;
const asRoot = process.getuid?.() === 0;
const needsRoot = asRoot ? false : 'needs root, to become another user';

async function cable(t: TestContext): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'gh-port-'));
  // Others may enter it, as they may /dev.
  chmodSync(folder, 0o755);
  const pair = new PtyPair(join(folder, 'line'));
  await pair.start();
  t.after(async () => {
    await pair.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  return pair.path;
}

async function refusal(path: string): Promise<string> {
  const line = lineTo({ path, ...format });
  try {
    await line.open();
    return 'opened';
  } catch (error) {
    return describeError(error);
  } finally {
    await line.close();
  }
}

/** The same line, opened by a user who is not root. */
async function refusalAs(path: string, uid: number): Promise<string> {
  const program = join(import.meta.dirname, 'open-as.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [program, path, String(uid)]);
  return stdout.trim();
}

test('a free line opens; its own cable is no second master', async (t) => {
  assert.equal(await refusal(await cable(t)), 'opened');
});

test('a line that another program has locked is told as locked, with the program', async (t) => {
  const path = await cable(t);
  const other = await portUser(t, path, 'fcntl.flock(fd, fcntl.LOCK_EX)');
  assert.match(
    await refusal(path),
    new RegExp(`line is held by python3 \\(process ${other.pid}\\)\\. Stop that program`),
  );
});

test('a line that mbpoll polls is not opened beside it: mbpoll takes no lock, and would take the replies', async (t) => {
  const path = await cable(t);
  const args = ['-m', 'rtu', '-b', '9600', '-P', 'none', '-a', '1', '-0', '-r', '0', '-t', '0', '-q', path];
  const mbpoll = spawn('mbpoll', args, { stdio: 'ignore' });
  t.after(() => mbpoll.kill());
  await once(mbpoll, 'spawn');
  await until('the port is in use', async () => (await refusal(path)) !== 'opened');
  assert.match(await refusal(path), new RegExp(`is held by mbpoll \\(process ${mbpoll.pid}\\)`));
  const gone = once(mbpoll, 'exit');
  mbpoll.kill();
  await gone;
  assert.equal(await refusal(path), 'opened');
});

test('a lock file that a terminal program has left is heeded while that program lives', async (t) => {
  const path = await cable(t);
  const lockFolder = mkdtempSync(join(tmpdir(), 'gh-lock-'));
  t.after(() => rmSync(lockFolder, { recursive: true, force: true }));
  const other = spawn('sleep', ['600']);
  t.after(() => other.kill());
  await once(other, 'spawn');
  const lock = join(lockFolder, `LCK..${basename(readlinkSync(path))}`);
  writeFileSync(lock, `${String(other.pid).padStart(10)}\n`);
  assert.match((await troubleNow(path, { lockFolder }))?.message ?? '', /is held by sleep \(process \d+\)/);
  const gone = once(other, 'exit');
  other.kill();
  await gone;
  assert.equal(await troubleNow(path, { lockFolder }), undefined);
});

test('a line that this very service has open is not opened a second time', async (t) => {
  const path = await cable(t);
  const first = lineTo({ path, ...format });
  await first.open();
  t.after(() => first.close());
  assert.match(
    await refusal(path),
    /is locked by another program, or twice by this one\. .*a bus has one master/,
  );
});

test('exclusive use (TIOCEXCL) by a program that may not be seen is told as locked', {
  skip: needsRoot,
}, async (t) => {
  const path = await cable(t);
  chmodSync(path, 0o666);
  assert.equal(await refusalAs(path, nobody), 'opened');
  await portUser(t, path, 'fcntl.ioctl(fd, termios.TIOCEXCL)');
  const said = await refusalAs(path, nobody);
  assert.match(said, /is locked by another program.*a bus has one master\. "sudo fuser -v .*line" names it/);
  assert.doesNotMatch(said, /cable/);
});

test('a device that may not be opened names its group and who asks', { skip: needsRoot }, async (t) => {
  const path = await cable(t);
  chmodSync(path, 0o660);
  const { stdout } = await promisify(execFile)('stat', ['-L', '-c', '%G', path]);
  const group = stdout.trim();
  const said = await refusalAs(path, nobody);
  assert.match(
    said,
    new RegExp(`user nobody may not open .*line: it belongs to group ${group}, mode 0660\\.`),
  );
  if (group !== 'root') assert.match(said, new RegExp(`usermod -aG ${group} nobody`));
  chmodSync(path, 0o600);
  assert.match(await refusalAs(path, nobody), /mode 0600\. Its group may not read and write it: a udev rule/);
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test('what is not there, is not allowed by the unit, or is no serial device is told apart', async (t) => {
  assert.match(
    await refusal('/dev/serial/by-id/usb-none'),
    /by-id\/usb-none is not there\. Plug the adapter in\. "gatehouse bus ports"/,
  );
  const socket = '/dev/serial/by-path/pci-0000:00:14.0-usb-0:2:1.0-port0';
  assert.match(await refusal(socket), /into its socket again: this name is of a socket/);
  const fenced = await troubleOf(
    '/dev/ttyAMA0',
    new Error('Error: Operation not permitted, cannot open /dev/ttyAMA0'),
  );
  assert.match(fenced.remedy, /DeviceAllow=char-NAME rw/);
  const folder = mkdtempSync(join(tmpdir(), 'gh-file-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'no-device');
  writeFileSync(file, '');
  assert.match(
    await refusal(file),
    /no-device: .*(ioctl|tcgetattr).*Check the cable, the adapter and its driver/i,
  );
});

test('of many holders three are named, and how many more', async (t) => {
  const path = await cable(t);
  await Promise.all([1, 2, 3, 4, 5].map(() => portUser(t, path)));
  const three = 'python3 \\(process \\d+\\)';
  assert.match(await refusal(path), new RegExp(`held by ${three} and ${three} and ${three} and 2 more\\.`));
});

test('a modem manager that tries the adapter is named with its remedy', async (t) => {
  const path = await cable(t);
  // Its name is what /proc says of it.
  const rename = 'open("/proc/self/comm", "w").write("ModemManager")';
  await portUser(t, path, rename);
  assert.match(
    await refusal(path),
    /is held by ModemManager \(process \d+\)\. .*apt-get remove modemmanager/,
  );
});

test('whoever asks for a bus that is locked hears it, with the remedy, and so does the log', async (t) => {
  const path = await cable(t);
  const other = await portUser(t, path, 'fcntl.flock(fd, fcntl.LOCK_EX)');
  const logged: unknown[] = [];
  const log = { ...silentLog, warn: (event: string, fields?: object) => void logged.push([event, fields]) };
  const spec = Bus.parse({ id: 'gate-bus', kind: 'modbus-rtu', path });
  const openLink = () => linkTo(spec, { clock: systemClock, quarantineMs: 50 });
  const bus = new FieldBus({ id: 'gate-bus', openLink, clock: systemClock, log });
  t.after(() => bus.stop());
  bus.start();
  await until('a line in the log', () => logged.length > 0);
  const asked = bus.send({ kind: 'read-inputs', unit: 1, address: 0, count: 8 }, { priority: 'poll' });
  await assert.rejects(asked, {
    code: 'BUS_DOWN',
    message: `bus gate-bus: ${path} is held by python3 (process ${other.pid}).`,
    remedy: 'Stop that program: a bus has one master.',
  });
  assert.equal(logged.length, 1, 'one line for each new reason, not one for each attempt');
  const gone = once(other, 'exit');
  other.kill();
  await gone;
  await until('the bus is up', () => bus.up);
});
