import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Incident } from '@gatehouse/contracts';
import { englishIn } from '@gatehouse/harness';
import { ManualClock, silentLog } from '@gatehouse/kit';
import { EventStore } from '@gatehouse/store';
import { Journal } from '../../../drivers/journal/journal.ts';
import { RelayBoard } from '../../../drivers/simulators/relay-board.ts';
import { TcpSlave } from '../../../drivers/simulators/tcp-slave.ts';
import { file, folder, service, verb } from './in-process.ts';

const chinese = /[\u4e00-\u9fff]/;
const incident = Incident.parse({
  id: '6f1b0f4e-8e5d-4c6c-9d27-3f0f5a9c2b11',
  kind: 'illegal-parking',
  phase: 'cleared',
  priority: 2,
  camera: 'east',
  zone: 'lane',
  openedAt: '2026-11-30T08:00:00+08:00',
  updatedAt: '2026-11-30T08:01:00+08:00',
  handling: {
    state: 'false-alarm',
    verdict: { label: 'false-alarm', reason: 'passing', by: 'li', at: '2026-11-30T08:02:00+08:00' },
  },
  stills: [],
});

test('help tells every verb in Chinese, and the way to it in a checkout', async () => {
  const { out } = await verb('zh-CN', 'help');
  const lines = out.split('\n');
  const summaries = lines.filter((line) => line.startsWith('    '));
  assert.ok(summaries.length >= 16, out);
  assert.deepEqual(
    summaries.filter((line) => !chinese.test(line)),
    [],
  );
  assert.deepEqual(englishIn(out), []);
  assert.match(lines.at(-1) ?? '', /^在代码库中，“gatehouse”即：npm run --silent gatehouse --$/);
  assert.match(
    (await verb('zh-CN', 'help', 'cards')).out,
    /^gatehouse cards list .*\n {4}能开读卡器所管的门的卡/,
  );
  assert.match(
    (await verb('en', 'help', 'cards')).out,
    /\n {4}cards that open the door of a reader; to enrol/,
  );
});

test('incidents and their changes are told in the words of the console; English keeps the codes', async (t) => {
  const at = '2026-11-30T08:00:00+08:00';
  await service(t, 'runtime', {
    'GET /incidents': [incident],
    'GET /events': [{ sequence: 1, change: 'acknowledged', at, incident }],
    'GET /setup-code': { code: null },
  });
  assert.equal(
    (await verb('zh-CN', 'incidents')).out,
    `${at}  重要  解除  误报    违停  east/lane  ${incident.id}（只是路过）`,
  );
  assert.equal(
    (await verb('zh-CN', 'events', '--since', '1h')).out,
    `${at}  接警  违停  east/lane  ${incident.id}`,
  );
  assert.equal(
    (await verb('en', 'incidents')).out,
    `${at}  P2 cleared  false-alarm   illegal-parking  east/lane  ${incident.id}  (passing)`,
  );
  assert.equal(
    (await verb('en', 'events', '--since', '1h')).out,
    `${at}  acknowledged illegal-parking  east/lane  ${incident.id}`,
  );
  for (const args of [['incidents'], ['events', '--since', '1h']])
    assert.equal((await verb('zh-CN', ...args, '--json')).out, (await verb('en', ...args, '--json')).out);
  assert.equal((await verb('zh-CN', 'setup-code')).out, '主机已有管理员，没有有效的一次性代码。');
});

test('cards: what to do, and what was done', async (t) => {
  const card = {
    credential: '0123456789abcdef',
    reader: 'lobby',
    label: '3-502',
    tail: '7F',
    enrolledAt: '2026-11-30T08:00:00+08:00',
  };
  await service(t, 'drivers', {
    'GET /cards': [card],
    'POST /cards/enrolments': card,
    'POST /cards/revocations': { ended: 2 },
  });
  const enrolled = await verb('zh-CN', 'cards', 'enrol', '--reader', 'lobby', '--label', '3-502');
  assert.equal(enrolled.err, '请在读卡器 lobby 上刷卡');
  assert.equal(
    (await verb('zh-CN', 'cards', 'revoke', '--card', card.credential)).out,
    '已在 2 个读卡器上注销',
  );
});

test('audit verify: intact with its limits, and each way to be broken', async (t) => {
  const db = join(folder, 'drivers.db');
  const journal = new Journal({ file: db, clock: new ManualClock(), log: silentLog });
  journal.start();
  journal.stop();
  const empty = await verb('zh-CN', 'audit', 'verify', '--file', db);
  assert.match(empty.out, /^完好：0 条操作记录/);
  assert.match(empty.err, /^audit: 一条操作记录也没有。/);
  const hash = 'a'.repeat(64);
  const intact = { intact: true, entries: 5, head: hash, commands: { rows: 2, uncovered: 1 } };
  const found = [
    intact,
    { ...intact, acknowledged: 3 },
    { intact: false, entries: 5, why: 'entry', brokenAt: 4 },
    ...['changed', 'inserted', 'missing'].map((is) => ({
      intact: false,
      entries: 5,
      why: 'command',
      commandId: 'c',
      is,
    })),
    ...['given', 'acknowledged'].map((by) => ({
      intact: false,
      entries: 5,
      why: 'head',
      head: { sequence: 2, hash, by },
    })),
  ];
  const said: string[] = [];
  const answers: Record<string, unknown> = {};
  await service(t, 'runtime', answers);
  for (const one of found) {
    answers['GET /audit/verification'] = one;
    const { out, err } = await verb('zh-CN', 'audit', 'verify');
    said.push(out, err);
    assert.match(out, one.intact ? /^完好：/ : /不完好：/);
    assert.deepEqual(englishIn(`${out}\n${err}`), []);
  }
  assert.equal(new Set(said.filter((line) => line !== '')).size, found.length + 2, said.join('\n'));
});

test('a store is verified, copied, put back and recovered in Chinese; a damaged one says where', async () => {
  const db = join(folder, 'events.db');
  const store = new EventStore({ file: db, box: 'box-1', clock: new ManualClock() });
  store.start();
  await store.stop();
  const copy = join(folder, 'copy.db');
  const steps: readonly (readonly [args: readonly string[], said: RegExp])[] = [
    [['db', 'verify'], /^完好：\d+ 字节$/],
    [['backup', '--out', copy], /copy\.db：\d+ 字节，已检查$/],
    [['restore', copy], /^已还原，纪元 [a-z0-9-]+\n原来的文件在 .*before-restore/],
    [['db', 'recover'], /^已恢复 \d+ 行；原来的文件在 .*corrupt-/],
  ];
  for (const [args, said] of steps) {
    const { status, out } = await verb('zh-CN', ...args);
    assert.equal(status, 0);
    assert.match(out, said);
  }
  const bytes = readFileSync(copy);
  bytes.fill(0x5a, 4096);
  for (const name of ['events.db-wal', 'events.db-shm'])
    if (existsSync(join(folder, name))) writeFileSync(join(folder, name), '');
  writeFileSync(db, bytes);
  const { status, out, err } = await verb('zh-CN', 'db', 'verify');
  assert.equal(status, 1);
  assert.equal(out, '数据库文件已损坏');
  assert.equal(err, '请停止主机，再运行：gatehouse db recover');
});

test('models: the list, what was fetched, and which one would run', async () => {
  const list = await verb('zh-CN', 'models', 'list');
  assert.match(list.out, /gatehouse-compact +就绪 .*本软件自带$/m);
  assert.match(list.out, /yolox-nano-dyn +缺失 .*由 yolox-nano-416 转换（free-input-size）$/m);
  const fetched = await verb('zh-CN', 'models', 'fetch', 'gatehouse-compact');
  assert.match(fetched.out, /^成功 {2}gatehouse-compact：本软件自带，不需要获取（/);
  const derived = await verb('zh-CN', 'models', 'derive');
  assert.match(derived.out, /^失败 {2}yolox-nano-dyn：/);
  const chosen = await verb('zh-CN', 'models', 'choose');
  assert.match(
    chosen.out,
    /^运行的是内置的 gatehouse-compact，默认的 yolox-nano-dyn 不在本主机上；.*→ 运行它需要：npm run/,
  );
  for (const { out } of [list, fetched, derived, chosen]) assert.deepEqual(englishIn(out), []);
});

test('bus: a scan, a read and a dry run are told in Chinese, with the requests in words', async (t) => {
  const slave = new TcpSlave(new RelayBoard([{ relay: () => undefined, contacts: () => ({ 2: true }) }]), 5);
  await slave.listen(0);
  t.after(() => slave.close());
  const place = ['--host', '127.0.0.1', '--port', String(slave.port)];
  const scanned = await verb('zh-CN', 'bus', 'scan', ...place, '--units', '4-5');
  assert.match(
    scanned.out,
    /^从站 5 {2}线圈：有值 {2}离散输入：有值 {2}保持寄存器：(有值|拒绝) {2}输入寄存器：/,
  );
  assert.match(scanned.err, /^正在询问 2 个从站/);
  const read = await verb(
    'zh-CN',
    'bus',
    'read',
    ...place,
    '--unit',
    '5',
    '--kind',
    'inputs',
    '--count',
    '3',
  );
  assert.match(read.err, /^发送 [0-9a-f]+ {2}收到 [0-9a-f]+$/);
  const site = file(
    'site.yaml',
    `version: 1
site: { id: compound, name: { zh-CN: 小区, en: Compound } }
box: { id: box-1 }
buses: [{ id: tcp, kind: modbus-tcp, host: 127.0.0.1, port: ${slave.port} }]
devices:
  - { id: barrier, kind: barrier, name: { zh-CN: 道闸, en: Barrier }, bus: tcp, unit: 5, profile: waveshare-modbus-rtu-relay-8ch, outputs: { open: 0, close: 1 }, inputs: { open: 0, closed: 1, loop: 2 }, failMode: safe }
`,
  );
  const dry = await verb(
    'zh-CN',
    'bus',
    'dry-run',
    '--site',
    site,
    '--device',
    'barrier',
    '--action',
    'close',
  );
  assert.match(dry.out, /^先读触点 +05 02 .* {3}读离散输入 0 到 7，从站 5$/m);
  assert.match(dry.out, /^写继电器 +05 05 02 01 .* {3}写线圈 513 = 0x\w+，从站 5$/m);
  assert.equal(dry.err, '没有发送任何内容。');
  for (const { out, err } of [scanned, read, dry]) assert.deepEqual(englishIn(`${out}\n${err}`), []);
  const silent = verb('zh-CN', 'bus', 'scan', ...place, '--units', '9');
  assert.match((await silent).err, /没有任何应答：/);
});

test('--json is the same bytes in both languages', async (t) => {
  const db = join(folder, 'same.db');
  const journal = new Journal({ file: db, clock: new ManualClock(), log: silentLog });
  journal.start();
  journal.stop();
  await service(t, 'drivers', { 'GET /process': { pid: process.pid } });
  for (const args of [
    ['models', 'list'],
    ['models', 'choose'],
    ['models', 'derive'],
    ['audit', 'verify', '--file', db],
    ['bus', 'ports'],
  ]) {
    const [zh, en] = [await verb('zh-CN', ...args, '--json'), await verb('en', ...args, '--json')];
    assert.equal(zh.out, en.out);
    assert.doesNotMatch(zh.out, chinese);
  }
});
