import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { englishIn } from '@gatehouse/harness';
import { describeError, errorOf } from '@gatehouse/kit';
import { checkLine, fail, failed, ok } from '../doctor/check.ts';
import { doctorPhrases } from '../doctor/phrases.ts';
import { gatehouse } from './gatehouse.ts';

const site = `version: 1
site: { id: compound, name: { zh-CN: 小区, en: Compound } }
box: { id: box-1 }
cameras:
  - id: east
    name: { zh-CN: 东门, en: East gate }
    url: rtsp://127.0.0.1:9/stream1
    username: admin
    password: { file: no-such-file }
    analysis: { model: no-such-model }
    zones: []
  - id: west
    name: { zh-CN: 西门, en: West gate }
    url: rtsps://127.0.0.1:9/stream1
    zones: []
buses:
  - { id: gate-bus, kind: modbus-rtu, path: /dev/ttyUSB77 }
  - { id: yard-bus, kind: modbus-tcp, host: 127.0.0.1, port: 9 }
vision: { hardwareDecode: cuda, executionProvider: cuda }
uplink: { url: mqtts://127.0.0.1:9, username: box, password: { env: NO_SUCH_VARIABLE }, tls: { ca: { file: no-ca } } }
`;

test('the search for English finds it, and no names, codes or commands', () => {
  assert.equal(englishIn('故障 磁盘：the disk is full').length, 1);
  assert.deepEqual(
    englishIn(
      '故障 east：PEER_DOWN：runtime 没有应答 → 请运行：npm run gatehouse -- models fetch yolox-nano',
    ),
    [],
  );
});

test('doctor tells all that is wrong with a box and its site in Chinese, by --lang and by LANG', (t) => {
  const { file, run } = gatehouse(t);
  const { status, out } = run('doctor', '--site', file('site.yaml', site), '--lang', 'zh');
  assert.equal(status, 1);
  assert.ok(out.split('\n').length > 15, out);
  assert.deepEqual(englishIn(out), []);
  assert.match(
    out,
    /故障 摄像机 east 密码：SECRET_MISSING：无法读取密码文件 .*→ 请把密码写入该文件，并让服务可读。/,
  );
  assert.match(out, /故障 总线 gate-bus：\/dev\/ttyUSB77 不存在。 {2}→ 请插上转换器。/);
  assert.match(out, /故障 平台密码：SECRET_MISSING：没有设置环境变量 NO_SUCH_VARIABLE。/);
  const { out: none } = gatehouse(t, { LC_ALL: '', LANG: 'zh_CN.UTF-8' }).run('doctor');
  assert.deepEqual(englishIn(none), []);
  assert.match(
    none,
    /注意 站点文件：SITE_NOT_SET：未设置 GATEHOUSE_SITE。 {2}→ 请把它设为站点文件的路径.*--site FILE。/,
  );
});

test('doctor in English says what it has always said, and so does --json in every language', (t) => {
  const { file, run } = gatehouse(t);
  const path = file('site.yaml', site);
  assert.match(
    run('doctor', '--site', path).out,
    /fail bus gate-bus: \/dev\/ttyUSB77 is not there\. {2}→ Plug the adapter in\./,
  );
  const line = (lang: string) =>
    run('doctor', '--site', path, '--json', '--lang', lang)
      .out.split('\n')
      .find((one) => one.includes('gate-bus'));
  assert.equal(line('zh'), line('en'));
});

test('doctor and config check tell a broken site file and a broken profile in Chinese', (t) => {
  const { file, run, folder } = gatehouse(t);
  mkdirSync(join(folder, 'profiles'));
  file(join('profiles', 'site-board.json'), '{ "id": "site-board", }');
  const door =
    'devices:\n  - { id: a, kind: door, name: { zh-CN: 门, en: Door }, bus: yard-bus, unit: 1, profile: site-board, outputs: { open: 0 }, failMode: safe }\n';
  const withDoor = file('door.yaml', `${site}${door}`);
  const broken = file('broken.yaml', site.replace('rtsp:', 'http:').replace('port: 9', 'port: nine'));
  const alias = file('alias.yaml', `${site}x: &a &b 1\n`);
  for (const path of [withDoor, broken, alias]) {
    for (const words of [
      ['doctor', '--site', path],
      ['config', 'check', path],
    ])
      assert.deepEqual(englishIn(run(...words, '--lang', 'zh').out), [], words.join(' '));
  }
  assert.match(
    run('config', 'check', withDoor, '--lang', 'zh').out,
    /设备档案“site-board”无法使用；应为没有错误的设备档案（.*第 1 行：不是有效的 JSON（1 行 \d+ 列：应为双引号中的键）/,
  );
  assert.match(run('config', 'check', alias, '--lang', 'zh').out, /不是有效的 YAML（一个值最多有一个“&”）/);
});

test('a verb that fails says why in the language that was asked for', (t) => {
  const { run } = gatehouse(t);
  assert.equal(
    run('cards', '--lang', 'zh').err,
    'gatehouse: USAGE：cards：请用 "cards list", "cards enrol" 或 "cards revoke"。见：gatehouse help cards\n',
  );
  assert.match(run('incidents', '--lang', 'zh').err, /PEER_DOWN：runtime 服务没有应答 \/incidents/);
  assert.match(run('incidents').err, /PEER_DOWN: runtime did not answer/);
});

test('every phrase of doctor is Chinese for English, with values that both have', () => {
  for (const [zh, en] of doctorPhrases) {
    const slots = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).toSorted();
    assert.deepEqual(slots(zh), slots(en), en);
  }
});

test('checks of what cannot be had on this machine are told in Chinese', () => {
  const lost = errorOf('MODEL_CORRUPT', {
    place: 'm.onnx',
    model: 'yolox',
    sha256: 'ab',
    bytes: 7,
    found: '3 bytes',
    remedy: 'Replace m.onnx or delete it and run: npm run gatehouse -- models fetch yolox',
  });
  const lines = [
    failed('model', lost, ''),
    fail('model', `the bundled a runs instead of b (${describeError(lost)})`, lost.remedy),
    fail('camera east', 'stale (CAMERA_STALLED)', 'Check its power, cable and address.'),
    fail('device gate', 'communication lost', 'Check its power, wiring, unit address and baud rate.'),
    fail('sensor gas', 'cannot measure methane', 'Check its probe and that the profile fits.'),
    ok('camera east', 'live, newest frame 0.1 s old'),
    ok('camera east address', '10.0.0.1:554 answers, login by digest'),
  ].map((check) => checkLine(check, 'zh-CN'));
  assert.deepEqual(englishIn(lines.join('\n')), []);
  assert.equal(lines[2], '故障 摄像机 east：分析中断（CAMERA_STALLED）  → 请检查其电源、线路和地址。');
});
