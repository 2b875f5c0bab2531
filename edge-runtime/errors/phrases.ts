import { busPhrases } from './bus-phrases.ts';
import { databasePhrases } from './database-phrases.ts';
import type { Phrases } from './row.ts';

/** Parts of sentences that errors take as a value, in both languages: Chinese, English. */
export const phrases: Phrases = [
  ['目前一个也没有。', 'There is none.'],
  ['现有：{names} 等，另有 {more} 个。', 'There are: {names} and {more} more.'],
  ['现有：{names}。', 'There is: {names}.'],
  ['现有：{names}。', 'There are: {names}.'],
  // Commands to choose from (`USAGE/say`).
  ['"{words}" 或 "{last}"', '"{words}" or "{last}"'],
  // Directories (kit/usable-directory.ts).
  ['其磁盘已满', 'its disk is full'],
  ['其磁盘是只读的', 'its disk is read-only'],
  ['本用户不能写入', 'this user may not write there'],
  ['{path} 是一个文件', '{path} is a file'],
  ['路径上有一个失效的链接', 'a link on the way leads to nothing'],
  ['请清出空间', 'Free some space'],
  ['请让它可写', 'Make it writable'],
  ['请让本用户可写', 'Make it writable for this user'],
  ['请移走那个文件', 'Move that file away'],
  ['请删除那个链接', 'Remove that link'],
  ...busPhrases,
  // Wrong things that a reader found.
  ['不是文件', 'not a file'],
  ['控制台已占用', 'the console has it'],
  ['不是端口号', 'it is no port number'],
  ['区域', 'zones were'],
  ['流程', 'flows were'],
  ['一份证书', 'a certificate'],
  ['一份未加密的私钥', 'an unencrypted private key'],
  ['重定向', 'a redirect'],
  ['没完没了的重定向', 'a redirect without end'],
  ['（原因 {code}）', ' (reason {code})'],
  ['尚无内容', 'yet'],
  ['{time} 前后 2 秒内', 'within 2 s of {time}'],
  ['未知', 'unknown'],
  ['应答残缺', 'broken answer'],
  ['不是 JSON', 'is no JSON'],
  ['站点文件中没有摄像机“{camera}”', 'camera "{camera}" is not in the site file'],
  ['{seconds} 秒没有应答', 'no answer for {seconds} s'],
  ['已有 20 秒没有应答', 'it has not answered for 20 s'],
  ['一分钟 {times} 次', '{times} times within a minute'],
  ['一小时 {times} 次', '{times} times within an hour'],
  // Health (rows/health.ts).
  [
    '消息服务器把它的连接给了使用同一编号的另一个客户端',
    'the broker gives its connection to another client of this id',
  ],
  ['平台同时收到同一编号的两台主机的消息', 'the platform hears two boxes of this id side by side'],
  [
    '平台拒收了以本编号发来、但不是本主机发送的事件',
    'the platform has refused events under this id that this box did not send',
  ],
  ['本主机的证书（uplink.tls.cert）', "this box's certificate (uplink.tls.cert)"],
  ['平台的证书', 'the certificate of the platform'],
  // Texts of SQLite, Node.js and the MQTT library that a reason of health quotes.
  ['数据库或磁盘已满', 'database or disk is full'],
  ['无法打开数据库文件', 'unable to open database file'],
  ['无法写入只读的数据库', 'attempt to write a readonly database'],
  ['{code}：设备上没有空间（{call}）', '{code}: no space left on device, {call}'],
  ['{code}：没有权限（{call}）', '{code}: permission denied, {call}'],
  ['{code}：文件系统是只读的（{call}）', '{code}: read-only file system, {call}'],
  ['{code}：没有这个文件或文件夹（{call}）', '{code}: no such file or directory, {call}'],
  ['{code}：读写出错（{call}）', '{code}: i/o error, {call}'],
  ['没有发布的权限', 'Publish error: Not authorized'],
  ['超出消息服务器的配额', 'Publish error: Quota exceeded'],
  ['主题不被接受', 'Publish error: Topic Name invalid'],
  ['消息格式不被接受', 'Publish error: Payload format invalid'],
  ['消息服务器内部的原因', 'Publish error: Implementation specific error'],
  ['没有说明原因', 'Publish error: Unspecified error'],
  // Schemas (zod), with the place before them.
  [
    '{place}：应为 {expected}，实际是 {received}',
    '{place}: Invalid input: expected {expected}, received {received}',
  ],
  ['{place}：{what} 太小，应为 >={least}', '{place}: Too small: expected {what} to be >={least}'],
  ['{place}：{what} 太大，应为 <={most}', '{place}: Too big: expected {what} to be <={most}'],
  ['{place}：未知的键“{key}”', '{place}: Unrecognized key: "{key}"'],
  ['{place}：应为 {options} 之一', '{place}: Invalid option: expected one of {options}'],
  ...databasePhrases,
  // Models (models).
  ['{seconds} 秒内没有应答', 'no answer within {seconds} s'],
  ['HTTP 状态码 {status}', 'HTTP status {status}'],
  ['它重定向到 {host}，而那里不在询问之列', 'it redirects to {host}, which is not asked'],
  ['它没完没了地重定向', 'it redirects without end'],
  [
    '{cache}，没有镜像（没有设置 GATEHOUSE_MODEL_MIRROR）',
    '{cache} and no mirror (GATEHOUSE_MODEL_MIRROR is not set)',
  ],
  [
    '{file} 是软件的一部分：请重新安装，或在代码库中运行：git checkout -- {file}',
    '{file} is part of the software: install it again, or in a checkout: git checkout -- {file}',
  ],
  [
    '请替换 {file}，或删除它并运行：npm run gatehouse -- models fetch {model}',
    'Replace {file} or delete it and run: npm run gatehouse -- models fetch {model}',
  ],
  ['请运行：npm run gatehouse -- models fetch {model}', 'Run: npm run gatehouse -- models fetch {model}'],
  [
    '录像是软件的一部分：请重新安装，或在代码库中运行：git checkout -- {folder}',
    'The clips are part of the software: install it again, or in a checkout: git checkout -- {folder}',
  ],
  [
    '请把 GATEHOUSE_MEDIA_DIR 设为放有它的文件夹，或取消设置：演示不需要真实录像。',
    'Set GATEHOUSE_MEDIA_DIR to the folder that holds it, or unset it: the demo needs no real clips.',
  ],
];

/** The states have the words of contracts/locales. */
const camera: Phrases = [
  ['{id} 无画面（{reason}）', '{id} down ({reason})'],
  ['{id} 无画面', '{id} down'],
  ['{id} 分析中断（{reason}）', '{id} stale ({reason})'],
  ['{id} 分析中断', '{id} stale'],
  ['{id} 启动中（{reason}）', '{id} starting ({reason})'],
  ['{id} 启动中', '{id} starting'],
];

const records: Phrases = [
  ['无', 'nothing'],
  ['全部', 'all of it'],
  ['命令', 'commands'],
  ['给平台的上传事件', 'events for the platform'],
  ['未解除的报警', 'open alarms'],
  ['限时保持', 'holds'],
  ['火警锁定', 'the fire latch'],
  ['卡', 'cards'],
];

/**
 * Words of the values that have this name in a text. Anywhere else such a word may be something else, such as
 * the id of a camera.
 */
export const valuePhrases: Readonly<Record<string, Phrases>> = {
  age: [
    ['{n} 秒', '{n} s'],
    ['{n} 分钟', '{n} min'],
  ],
  eventclass: [
    ['报警', 'alarm'],
    ['门禁', 'door'],
    ['运行状态', 'health'],
    ['遥测', 'telemetry'],
  ],
  missing: records,
  names: camera,
  phase: [
    ['发生', 'opened'],
    ['更新', 'updated'],
    ['解除', 'cleared'],
  ],
};

/** Values that list things, with ", " between them. */
export const listNames: ReadonlySet<string> = new Set(['missing', 'names']);
