import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorOf, type HealthKey, healthLineOf, healthLines, lineInWords, slotsOf } from '@gatehouse/errors';
import { englishIn } from '@gatehouse/harness';
import { describeError } from '@gatehouse/kit';
import fc from 'fast-check';
import { codeOf, filled } from '../row.ts';

const keys = Object.keys(healthLines) as HealthKey[];
const han = /\p{Script=Han}/u;
const set = (text: string) => [...new Set(slotsOf(text))].toSorted();
const told = (line: string) => lineInWords(line, 'zh-CN');

test('every line of health is Chinese for English, with the same values and the same code', () => {
  assert.ok(keys.length > 45, `${keys.length} lines`);
  for (const key of keys) {
    const { zh, en } = healthLines[key];
    assert.match(key, /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*(\/[a-z]+)?$/);
    assert.deepEqual(set(zh), set(en), key);
    assert.ok(han.test(zh) && !han.test(en), key);
    assert.equal(zh.startsWith(`${codeOf(key)}：`), en.startsWith(`${codeOf(key)}: `), key);
    assert.deepEqual(englishIn(zh), [], key);
  }
});

/** Texts that stand for a value: names, paths, numbers. */
const value = fc.stringMatching(/^[a-z0-9][a-z0-9/_-]{0,20}[a-z0-9]$/);

test('every line is told in Chinese with its own values, from the English line alone', () => {
  for (const key of keys) {
    const { zh, en } = healthLines[key];
    const names = set(en);
    fc.assert(
      fc.property(fc.uniqueArray(value, { minLength: names.length, maxLength: names.length }), (found) => {
        const values = Object.fromEntries(names.map((name, at) => [name, found[at]]));
        const line = healthLineOf(key, values);
        assert.equal(told(line), filled(zh, values), key);
        assert.equal(told(told(line)), told(line), `${key} twice`);
        assert.equal(lineInWords(line, 'en'), line);
      }),
      { numRuns: 20, seed: 7 },
    );
  }
});

/** Values that nothing else looks like, so that a text shows which of them it holds. */
const marked = (key: HealthKey) =>
  Object.fromEntries(
    slotsOf(healthLines[key].en).map((name, at) => [name, `/v${at}/${'x'.repeat(12)}/w${at}`]),
  );

test('a line that was cut anywhere is told in Chinese with all values that are left of it', () => {
  const short: string[] = [];
  for (const key of keys) {
    const values = marked(key);
    const line = healthLineOf(key, values);
    // A prime number of characters: over all lines it meets every place of a word.
    for (let length = 1; length < line.length; length += 7) {
      const front = line.slice(0, length);
      const text = told(`${front}…`);
      assert.deepEqual(englishIn(text), [], `${key}: ${text} for ${front}`);
      if (!han.test(text)) short.push(`${key} ${front}`);
      else
        for (const one of Object.values(values))
          assert.equal(text.includes(one), front.includes(one), `${key}: ${one} in ${text} for ${front}`);
    }
  }
  // Of so few words nothing can be told; health cuts at 300 characters.
  for (const one of short) assert.ok(one.length < 75, one);
});

test('a line that could be one of two is told as far as both say the same', () => {
  const cut = 'JOURNAL_FULL: the disk takes nothing for /a/drivers.db. Free space on it now…';
  assert.equal(told(cut), 'JOURNAL_FULL：磁盘无法再写入 /a/drivers.db，请立即清理。…');
  const down =
    "UPLINK_COMMANDS_DOWN: the platform's commands have not reached this box for 4 min (since 2026…";
  assert.equal(told(down), 'UPLINK_COMMANDS_DOWN：平台的命令已有 4 分钟 送不到本主机（自 2026… 起）。…');
});

test('the line of an error within a line is told in Chinese, cut or whole', () => {
  const error = describeError(errorOf('STORE_FULL', { file: '/var/lib/gatehouse/events.db' }));
  const line = healthLineOf('FINDINGS_WAIT', { count: 2, error });
  assert.equal(
    told(line),
    '有 2 个发现在等待记录：STORE_FULL：/var/lib/gatehouse/events.db 没有空间了。请清理磁盘；等待的写入会自动继续。',
  );
  assert.equal(
    told(`${line.slice(0, 60)}…`),
    '有 2 个发现在等待记录：STORE_FULL：/var/lib/gate… 没有空间了。请清理磁盘；等待的写入会自动继续。',
  );
  assert.equal(
    told(healthLineOf('MODEL_NOT_RUNNING', { model: 'yolox', error })),
    '模型 yolox：STORE_FULL：/var/lib/gatehouse/events.db 没有空间了。请清理磁盘；等待的写入会自动继续。',
  );
});

test('lists have Chinese commas, and words of the health table stay words', () => {
  const names = 'down, east down (CAMERA_UNAUTHORIZED), west stale, north starting';
  assert.equal(
    told(healthLineOf('CAMERAS_NOT_LIVE', { count: 3, all: 9, names })),
    '9 个摄像机中有 3 个没有实时画面：down、east 无画面（CAMERA_UNAUTHORIZED）、west 分析中断、north 启动中。',
  );
  assert.equal(
    told(healthLineOf('DEVICES_SILENT', { names: 'unknown, cards, gate' })),
    'unknown、cards、gate 没有应答：请检查电源、线路和地址。',
  );
  const missing = 'commands, events for the platform, the fire latch';
  assert.match(
    told(healthLineOf('JOURNAL_RECOVERED', { file: 'drivers.db', missing, aside: 'drivers.db.corrupt-1' })),
    /丢失的有：命令、给平台的上传事件、火警锁定。损坏的文件是 drivers\.db\.corrupt-1：/,
  );
  assert.match(
    told(healthLineOf('STORE_BACKLOG', { count: 7, eventclass: 'alarm', size: 3 })),
    /有 7 个报警类上传事件（3 MiB）/,
  );
  const sign = 'the platform hears two boxes of this id side by side';
  assert.match(
    told(healthLineOf('UPLINK_ID_SHARED', { id: 'box-1', since: '2026-11-23', sign })),
    /编号“box-1”：自 2026-11-23 起，平台同时收到同一编号的两台主机的消息。/,
  );
});

test('a reason that quotes SQLite, Node.js or the MQTT library is told in Chinese', () => {
  const full = "ENOSPC: no space left on device, open '/var/lib/a'";
  assert.equal(
    told(healthLineOf('RETENTION_FAILED', { reason: full })),
    "RETENTION_FAILED：过期的内容没有删除（ENOSPC：设备上没有空间（open '/var/lib/a'））。请检查磁盘。",
  );
  const reasons = ['database disk image is malformed', 'EACCES: permission denied, unlink', 'disk I/O error'];
  for (const reason of [
    ...reasons,
    'Publish error: Not authorized',
    'Publish error: Implementation specific error',
  ])
    assert.deepEqual(englishIn(told(healthLineOf('BROKER_PUBLISH_REFUSED', { reason }))), [], reason);
});

test('a text of no known form stays as it is, cut or not', () => {
  for (const text of [
    'The thing is odd and wants to be mended.',
    'The thing is odd and wants to be men…',
    '…',
  ])
    assert.equal(told(text), text);
});
