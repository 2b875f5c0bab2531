import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lineNotes, portText, registerLines } from '@gatehouse/drivers/commissioning';
import { englishIn } from '@gatehouse/harness';
import { lineInWords } from '@gatehouse/kit';
import { describeException } from '../../../drivers/bus/reply-match.ts';
import { type BusRequest, busError, describeRequest } from '../../../drivers/bus/request.ts';
import { foundLine, notesOf, registerText } from '../verbs/bus-lines.ts';
import { frameLine as clipLine } from '../verbs/detect.ts';

const place = { unit: 5, address: 3 } as const;
const requests: readonly BusRequest[] = [
  ...(['read-coils', 'read-inputs', 'read-holding', 'read-input-registers'] as const).map((kind) => ({
    ...place,
    kind,
    count: 8,
  })),
  { ...place, kind: 'write-coil', value: 0xff00 },
  { ...place, kind: 'write-register', value: 7 },
  { ...place, kind: 'write-one-coil', on: true },
  { ...place, kind: 'write-registers', words: [1, 2] },
  { ...place, kind: 'mask-register', and: 1, or: 2 },
];
const told = (line: string) => lineInWords(line, 'zh-CN');

test('every request is told in Chinese, by itself and in an error about it', () => {
  for (const request of requests) {
    const asked = describeRequest(request);
    const inChinese = told(asked);
    assert.match(inChinese, /^[读写从按].*，从站 5$/);
    assert.doesNotMatch(inChinese.replaceAll(/0x\w+/g, ''), /[a-w]{2,}/);
    for (const what of [
      `no reply within 300 ms to ${asked}`,
      `no reply within 300 ms to ${asked}, only the line's own echo came`,
      `no reply within 300 ms to ${asked}, only line noise came (3 bytes of 00 or FF)`,
      `3 bytes came that are no reply: bytes came behind the reply (${asked}, at 9600 baud, parity none, local echo)`,
      `unit 6 answered instead of 5 (${asked})`,
      ...[1, 2, 3, 4, 5, 6, 10, 11, 12].map((reason) => `${describeException(reason)} (${asked})`),
    ]) {
      const { code, message, remedy } = busError('BUS_WRONG_REPLY', 'gate-bus', what);
      const line = told(`${code}: ${message} ${remedy}`);
      assert.ok(line.includes(inChinese.replace('，从站 5', '')), `${line} has no ${inChinese}`);
      assert.doesNotMatch(line.replace(/BUS_WRONG_REPLY|gate-bus|none/g, ''), /[a-w]{3,}/);
    }
  }
});

test('a program that holds a serial device is told in Chinese: by itself, among others, and without its name', () => {
  const held = (holders: string) =>
    told(`SERIAL_PORT: /dev/ttyUSB0 is held by ${holders}. Stop that program: a bus has one master.`);
  assert.match(held('minicom (process 812)'), /\/dev\/ttyUSB0 被 minicom（进程 812） 占用。请停止那个程序/);
  assert.match(
    held('python3 (process 1) and process 2 and the drivers service (process 3) and 2 more'),
    /被 python3（进程 1）和 进程 2 和 门控服务（进程 3）和 另外 2 个 占用。/,
  );
});

test('the serial devices of a host are listed in Chinese', () => {
  const port = {
    node: '/dev/ttyUSB0',
    path: '/dev/serial/by-path/1',
    usb: '1a86:7523',
    model: 'USB Serial',
    twins: ['/dev/ttyUSB1'],
    holders: [{ pid: 812, name: 'minicom', isDrivers: false }],
  };
  assert.equal(
    portText(port, 'zh-CN'),
    '/dev/serial/by-path/1  /dev/ttyUSB0，1a86:7523 USB Serial，没有序列号，同型号的还有：/dev/ttyUSB1，被 minicom（进程 812） 占用',
  );
});

test('what a line does besides answering, what a scan tries and finds, and raw registers', () => {
  const notes = [
    ...lineNotes({ localEcho: 'heard', replies: 9, noisyReplies: 2 }, 'zh-CN'),
    ...notesOf({ type: 'trying', baudRate: 9600 }, 32, 'zh-CN'),
    ...notesOf({ type: 'noise', unit: 5, baudRate: 9600 }, 32, 'zh-CN'),
    ...notesOf({ type: 'noise', unit: 5 }, 32, 'zh-CN'),
  ];
  assert.equal(notes.length, 5);
  for (const note of notes) {
    assert.match(note, /[\u4e00-\u9fff]/);
    assert.deepEqual(englishIn(note), []);
  }
  const answers = {
    'read-coils': 'value',
    'read-inputs': 'refused',
    'read-holding': 'silent',
    'read-input-registers': 'silent',
  } as const;
  assert.equal(
    foundLine({ unit: 5, baudRate: 9600, answers }, 'zh-CN'),
    '从站 5  9600 波特  线圈：有值  离散输入：拒绝  保持寄存器：没有应答  输入寄存器：没有应答',
  );
  const request = { kind: 'read-holding', unit: 5, address: 0, count: 1 } as const;
  const [line] = registerLines(
    request,
    { sent: Buffer.alloc(0), received: Buffer.alloc(0), bits: [], registers: [0xffff] },
    () => ['pump level (first of two)', 'gate open (bit 3)'],
  );
  assert.ok(line);
  assert.equal(
    registerText(line, 'zh-CN'),
    '    0  ffff  65535  （有符号 -1）  pump level（两个中的第一个）, gate open（第 3 位）',
  );
});

test('what a model sees in a clip is named in the words of the console; English keeps the codes', () => {
  const boxes = [{ class: 'motorcycle', score: 0.9 }];
  assert.equal(clipLine(1.5, boxes, 'zh-CN'), '    1.50 秒  摩托车/电动车 0.9');
  assert.equal(clipLine(1.5, boxes, 'en'), '    1.50 s  motorcycle 0.9');
});
