import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { BadAdapter } from '../../simulators/bad-adapter.ts';
import { PtyPair } from '../../simulators/pty-pair.ts';
import { RelayBoard } from '../../simulators/relay-board.ts';
import { TcpSlave } from '../../simulators/tcp-slave.ts';
import { PeerBoard } from '../../test/peers/peer-board.ts';
import { portUser } from '../../test/peers/port-user.ts';
import type { AcceptanceRecord } from '../acceptance/record.ts';
import { benchSite } from './bench-site.ts';

const main = join(import.meta.dirname, '../../../edge-runtime/cli/main.ts');

/** The command line as an installer runs it: a process of its own, with a run directory of the test's own. */
function gatehouse(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'gh-com-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const env = { ...process.env, GATEHOUSE_STATE_DIR: folder, GATEHOUSE_RUN_DIR: folder, GATEHOUSE_SITE: '' };
  const run = async (args: readonly string[], typed = '') => {
    const child = spawn(process.execPath, [main, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] });
    const said = { out: '', err: '' };
    child.stdout.on('data', (chunk) => {
      said.out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      said.err += chunk;
    });
    child.stdin.end(typed);
    const [code] = await once(child, 'close');
    return { code, ...said };
  };
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  /** Puts a service's socket where the command line looks for it. */
  const serve = (owner: string, caller: string, socket: string) => {
    mkdirSync(join(folder, owner, caller), { recursive: true });
    symlinkSync(socket, join(folder, owner, caller, 'api.sock'));
  };
  return { folder, run, file, serve };
}

async function boardAt(t: TestContext, unit: number) {
  const board = new RelayBoard([{ relay: () => undefined, contacts: () => ({ 2: true }) }]);
  const slave = new TcpSlave(board, unit);
  await slave.listen(0);
  t.after(() => slave.close());
  return { board, port: String(slave.port) };
}

const siteText = (port: string) => `version: 1
site: { id: compound, name: { zh-CN: 小区, en: Compound } }
box: { id: box-1 }
buses: [{ id: tcp, kind: modbus-tcp, host: 127.0.0.1, port: ${port} }]
devices:
  - { id: barrier, kind: barrier, name: { zh-CN: 道闸, en: Barrier }, bus: tcp, unit: 5, profile: waveshare-modbus-rtu-relay-8ch, outputs: { open: 0, close: 1 }, inputs: { open: 0, closed: 1, loop: 2 }, failMode: safe }
`;

describe('the bus verb', () => {
  it('scans an address, reads what answers beside its names, and shows a command; nothing is written', async (t) => {
    const { board, port } = await boardAt(t, 5);
    const { run, file } = gatehouse(t);
    const site = file('site.yaml', siteText(port));
    const scanned = await run(['bus', 'scan', '--site', site, '--bus', 'tcp', '--units', '4-6', '--json']);
    assert.equal(scanned.code, 0, scanned.err);
    assert.equal(JSON.parse(scanned.out).unit, 5);
    const read = await run([
      'bus',
      'read',
      '--site',
      site,
      '--bus',
      'tcp',
      '--unit',
      '5',
      '--kind',
      'inputs',
      '--count',
      '3',
    ]);
    assert.deepEqual(read.out.split('\n').slice(0, 3), [
      '    0  0  barrier open',
      '    1  0  barrier closed',
      '    2  1  barrier loop',
    ]);
    const dry = await run(['bus', 'dry-run', '--site', site, '--device', 'barrier', '--action', 'open']);
    assert.match(dry.out, /write the relay +05 05 02 00 00 05 /);
    assert.match(dry.err, /Nothing was sent/);
    assert.equal(board.writes.length, 0);
  });

  it('names what a line does besides answering: an adapter that hears itself, and a line without bias', async (t) => {
    const { folder, run } = gatehouse(t);
    const baudRate = 2400;
    const habits = { echo: true, before: Buffer.from([0xff]) };
    const adapter = new BadAdapter(join(folder, 'line'), baudRate, habits);
    await adapter.start();
    t.after(() => adapter.stop());
    const board = await PeerBoard.start('pymodbus', { path: adapter.boardsPath, baudRate, unit: 5 });
    t.after(() => board.stop());
    await board.set('holding', 7, [258]);
    const place = ['--path', adapter.path, '--baud', String(baudRate), '--pause-ms', '30'];
    const read = await run([
      'bus',
      'read',
      ...place,
      '--unit',
      '5',
      '--kind',
      'holding',
      '--from',
      '7',
      '--count',
      '1',
    ]);
    assert.match(read.out, /7 {2}0102 {2}258/, read.err);
    assert.match(read.err, /gives back what is sent \(local echo\)/);
    assert.match(read.err, /1 of 1 answers had 00 or FF around them.*bias resistors/);
    const scanned = await run(['bus', 'scan', ...place, '--units', '5']);
    assert.match(scanned.out, /unit 5 {2}2400 baud {2}coils: value/, scanned.err);
    assert.match(scanned.err, /local echo/);
  });

  it('lists the serial devices of this host, or says that there is none', async (t) => {
    const { run } = gatehouse(t);
    const { code, out, err } = await run(['bus', 'ports', '--json']);
    const ports = out.split('\n').flatMap((line) => (line ? [JSON.parse(line)] : []));
    assert.equal(code, ports.length > 0 ? 0 : 1);
    if (ports.length === 0) assert.match(err, /no serial device/);
    for (const { node, path } of ports) assert.match(`${node} ${path}`, /^\/dev\/\S+ \/dev\/\S+$/);
  });

  it('tells a line that another program holds as held, scanning or reading', async (t) => {
    const { folder, run } = gatehouse(t);
    const cable = new PtyPair(join(folder, 'line'));
    await cable.start();
    t.after(() => cable.stop());
    await portUser(t, cable.path);
    for (const what of [['scan'], ['read', '--unit', '1', '--kind', 'coils']]) {
      const { code, err } = await run(['bus', ...what, '--path', cable.path, '--baud', '9600']);
      assert.equal(code, 1);
      assert.match(err, /line is held by python3 \(process \d+\)\. Stop that program: a bus has one master/);
    }
  });

  it('checks the profiles beside a site file, and shows a command by one of them', async (t) => {
    const { folder, run, file } = gatehouse(t);
    const made = join(import.meta.dirname, '../../profiles/test/made-up-board/site-hx-io6.json');
    mkdirSync(join(folder, 'profiles'));
    copyFileSync(made, join(folder, 'profiles/site-hx-io6.json'));
    const door =
      '  - { id: yard-door, kind: door, name: { zh-CN: 院门, en: Door }, bus: tcp, unit: 1, profile: site-hx-io6, outputs: { open: 5 }, inputs: { open: 5 }, failMode: safe }\n';
    const site = file('site.yaml', `${siteText('502')}${door}`);
    const good = await run(['config', 'check', site]);
    assert.equal(good.code, 0, good.out);
    const dry = await run(['bus', 'dry-run', '--site', site, '--device', 'yard-door', '--action', 'open']);
    assert.match(dry.out, /write the relay +01 06 00 cd 00 0a /, dry.err);
    const spoilt = readFileSync(made, 'utf8').replace('"by": "register", ', '"by": "word", ');
    writeFileSync(join(folder, 'profiles/site-hx-io6.json'), spoilt);
    const bad = await run(['config', 'check', site, '--json']);
    assert.equal(bad.code, 1);
    const problems: Record<string, unknown>[] = JSON.parse(bad.out).problems;
    const errors = problems.filter(({ severity }) => severity === 'error');
    assert.deepEqual(
      errors.map(({ file: where, line, path }) => [String(where).split('/').at(-1), line, path]),
      [
        ['site.yaml', 7, 'devices[1].profile'],
        ['site-hx-io6.json', 12, 'relays.write.by'],
      ],
    );
    assert.match(
      String(errors[1]?.message),
      /"word" is not supported, because .*; expected writes of one relay/,
    );
    const refused = await run([
      'bus',
      'dry-run',
      '--site',
      site,
      '--device',
      'yard-door',
      '--action',
      'open',
    ]);
    assert.match(refused.err, /PROFILE_INVALID: .*site-hx-io6\.json:12: relays\.write\.by/);
  });

  const mistakes: readonly (readonly [what: string, args: readonly string[], said: RegExp])[] = [
    ['no bus', ['scan'], /name the bus by --site and --bus, by --path, or by --host/],
    ['two buses', ['scan', '--path', '/dev/x', '--host', 'h'], /name the bus by/],
    [
      'a unit that there is not',
      ['scan', '--host', 'h', '--units', '1-300'],
      /--units "300" is no whole number from 1 to 247/,
    ],
    [
      'a rate that there is not',
      ['scan', '--path', '/dev/x', '--baud', '9601'],
      /--baud "9601" is no usual rate/,
    ],
    [
      'a kind that there is not',
      ['read', '--host', 'h', '--unit', '1', '--kind', 'lamps'],
      /--kind "lamps" is not known\. There are: coils, inputs/,
    ],
    [
      'an adapter that is not there',
      ['scan', '--path', '/dev/not-there', '--baud', '9600'],
      /BUS_DOWN: .*\/dev\/not-there/,
    ],
    [
      'an action that there is not',
      ['dry-run', '--action', 'explode'],
      /--action "explode" is not known\. There are: .*open/,
    ],
  ];
  it('names each mistake in one line', async (t) => {
    const { run } = gatehouse(t);
    for (const [what, args, said] of mistakes) {
      const { code, err } = await run(['bus', ...args]);
      assert.equal(code, 1, what);
      assert.match(err, said, what);
    }
  });

  it('keeps off a bus that the drivers service holds', async (t) => {
    const bench = await benchSite();
    t.after(() => bench.stop());
    const { run, serve } = gatehouse(t);
    serve('drivers', 'cli', join(bench.service.folder, 'cli.sock'));
    const { code, err } = await run([
      'bus',
      'scan',
      '--host',
      '127.0.0.1',
      '--port',
      String(bench.slave.port),
    ]);
    assert.equal(code, 1);
    assert.match(err, /DRIVERS_RUN: .*Stop it first: systemctl stop gatehouse-drivers/);
  });
});

describe('the acceptance verb', () => {
  it('goes through the running services, with nobody there, and writes both sheets and the record', async (t) => {
    const bench = await benchSite();
    t.after(() => bench.stop());
    const { folder, run, file, serve } = gatehouse(t);
    serve('drivers', 'cli', join(bench.service.folder, 'cli.sock'));
    serve('runtime', 'cli', bench.hostSocket);
    const site = file('site.yaml', JSON.stringify(bench.site));
    const out = join(folder, 'sheet');
    const {
      code,
      out: said,
      err,
    } = await run([
      'acceptance',
      '--site',
      site,
      '--out',
      out,
      '--by',
      '赵工',
      '--unattended',
      '--lang',
      'en',
    ]);
    assert.equal(code, 1, err);
    assert.match(
      said,
      /^passed +East barrier: Open: relay, movement, read-back {2}command → actuator \d+\.\d\d s/m,
    );
    assert.match(said, /^not tested +Help button: .*nobody was there to do it$/m);
    assert.match(err, /Not complete/);
    for (const language of ['zh-CN', 'en'])
      assert.match(readFileSync(`${out}.${language}.html`, 'utf8'), /^<!doctype html>/);
    const record: AcceptanceRecord = JSON.parse(readFileSync(`${out}.json`, 'utf8'));
    assert.deepEqual([record.by, record.mode, record.box], ['赵工', 'unattended', 'box-1']);
    assert.ok(
      record.lines.every(({ verdict }) => verdict !== 'failed'),
      JSON.stringify(record.lines),
    );
  });

  it('says that the services do not run', async (t) => {
    const { run, file } = gatehouse(t);
    const site = file('site.yaml', siteText('502'));
    const { code, err } = await run([
      'acceptance',
      '--site',
      site,
      '--out',
      '/tmp/never',
      '--by',
      'x',
      '--unattended',
    ]);
    assert.equal(code, 1);
    assert.match(err, /DRIVERS_AWAY/);
  });
});
