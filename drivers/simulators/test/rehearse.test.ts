import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { loadSite } from '@gatehouse/contracts';
import { until } from '@gatehouse/harness';
import { systemClock } from '@gatehouse/kit';
import { loadProfiles } from '../../profiles/index.ts';
import { deviceProblems } from '../../profiles/site-devices.ts';
import { Service } from '../../test/rig.ts';
import { displayLines } from '../live-display.ts';
import { Rehearsal } from '../rehearsal.ts';

const program = join(import.meta.dirname, '../rehearse.ts');
const run = (...args: string[]) => promisify(execFile)(process.execPath, [program, ...args]);

test('an installer rehearses with the printed site file: the barrier goes up, and is not lowered onto a vehicle', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'gh-rehearse-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'line');
  const file = join(folder, 'site.yaml');
  await writeFile(file, (await run('--print-site', '--pty-link', path)).stdout);
  const site = loadSite(file);
  assert.deepEqual(deviceProblems(site, loadProfiles()), []);
  const rehearsal = new Rehearsal(path);
  await rehearsal.start(0);
  t.after(() => rehearsal.stop());
  const service = await Service.start(site);
  t.after(() => service.stop());
  await until('barrier is in contact', async () => (await service.device('barrier')).comms === 'ok');
  const { state, reason } = await service.command('barrier', 'open');
  assert.deepEqual([state, reason], ['confirmed', undefined]);
  rehearsal.barrier.loopOccupied = true;
  await until('the loop is occupied', async () => (await service.device('barrier')).inputs.loop === true);
  assert.equal((await service.command('barrier', 'close')).reason, 'LOOP_OCCUPIED');
  const [, barrier, door] = displayLines(rehearsal.view());
  assert.match(barrier ?? '', /^1 barrier +\d+ +- +○{8} +●○●○{5} +arm █{10} 100 %, loop occupied$/);
  assert.match(door ?? '', /^2 door .*door closed$/);
  const body = { reader: 'door-reader', label: 'A-1203', by: 'zhao' };
  let enrolled = false;
  const enrolment = service.cli.call('POST', '/cards/enrolments', { body, timeoutMs: 20_000 }).finally(() => {
    enrolled = true;
  });
  // Held and taken away again: a card that lies there counts once, and that may have been before the service
  // was asked.
  let heldMs = Number.NEGATIVE_INFINITY;
  await until('the card is enrolled', () => {
    if (systemClock.monotonicMs() - heldMs > 1_500) {
      rehearsal.reader.present(Buffer.from('62E3086CED', 'hex'));
      heldMs = systemClock.monotonicMs();
    }
    return enrolled;
  });
  assert.equal(Object(await enrolment).tail, 'ED');
  rehearsal.nextFault(2);
  assert.match(displayLines(rehearsal.view())[2] ?? '', / LATE /);
});

test('it says how it is used, and prints a picture where there is no terminal', async (t) => {
  assert.match((await run('--help')).stdout, /npm run sim:doors.*\n[\s\S]*unit 6 {2}water sensor/);
  const folder = await mkdtemp(join(tmpdir(), 'gh-rehearse-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const child = spawn(process.execPath, [program, '--pty-link', join(folder, 'line'), '--tcp-port', '0']);
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  const gone = once(child, 'exit');
  await until('the picture is printed', () => printed.includes('6 water'));
  child.kill('SIGTERM');
  assert.deepEqual(await gone, [0, null]);
  assert.match(printed, /RTU over TCP 127\.0\.0\.1:\d+\n/);
});
