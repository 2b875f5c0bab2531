import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { RelayBoard } from '../../simulators/relay-board.ts';
import { TcpSlave } from '../../simulators/tcp-slave.ts';
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
    serve('drivers', 'runtime', join(bench.service.folder, 'api.sock'));
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
    serve('drivers', 'runtime', join(bench.service.folder, 'api.sock'));
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
      /^passed +East barrier: Open: relay, movement, read-back {2}command → actuator 0\.\d\d s/m,
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
