import { rows } from '../row.ts';

export const cliErrors = rows({
  BACKUP_DAMAGED: {
    fault: 'environment',
    zh: ['副本已损坏（{problem}）。', '请运行：gatehouse db verify。'],
    en: ['the copy is damaged ({problem}).', 'Say: gatehouse db verify.'],
  },
  DRIVERS_AWAY: {
    fault: 'environment',
    zh: [
      '门控服务没有应答：验收要通过运行中的主机进行。',
      '请启动：npm start，或 systemctl start gatehouse.target。',
    ],
    en: [
      'the drivers service does not answer: the sheet goes through the running box.',
      'Start it: npm start, or systemctl start gatehouse.target.',
    ],
  },
  DRIVERS_RUN: {
    fault: 'environment',
    zh: [
      '门控服务正在运行，并占用本主机的总线。',
      '请先停止：systemctl stop gatehouse-drivers。在此期间门不受控制。',
    ],
    en: [
      'the drivers service runs and holds the buses of this box.',
      'Stop it first: systemctl stop gatehouse-drivers. Doors are not controlled meanwhile.',
    ],
  },
  SHEET_NOT_WRITTEN: {
    fault: 'environment',
    zh: ['{file} 无法写入（{reason}）。', '请用 --out 指定可写的文件夹。'],
    en: ['{file} cannot be written ({reason}).', 'Name a folder that can be written with --out.'],
  },
  STORE_MISSING: {
    fault: 'input',
    zh: ['{file} 不存在。', '请设置 GATEHOUSE_STATE_DIR。'],
    en: ['{file} does not exist.', 'Set GATEHOUSE_STATE_DIR.'],
  },
  'STORE_TAKEN/runs': {
    fault: 'input',
    zh: ['runtime 服务正在运行。', '请先停止主机：systemctl stop gatehouse.target。'],
    en: ['the runtime runs.', 'Stop the box first: systemctl stop gatehouse.target.'],
  },
  TRACKS_MISSING: {
    fault: 'input',
    zh: ['无法读取 {file}（{reason}）。', '请给出轨迹文件（replay --save-tracks）。'],
    en: ['cannot read {file} ({reason}).', 'Give a file of track frames (replay --save-tracks).'],
  },
  USAGE: {
    fault: 'input',
    zh: ['{problem}。', '见：gatehouse help {verb}'],
    en: ['{problem}.', 'See: gatehouse help {verb}'],
  },
  'USAGE/acceptance': {
    fault: 'input',
    zh: ['acceptance：--rehearse 与 --unattended 不能同时使用。', '见：gatehouse help acceptance'],
    en: ['acceptance: --rehearse and --unattended do not go together.', 'See: gatehouse help acceptance'],
  },
  'USAGE/action': {
    fault: 'input',
    zh: ['没有名为“{name}”的操作。', '{known}'],
    en: ['no action is called "{name}".', '{known}'],
  },
  'USAGE/at': {
    fault: 'input',
    zh: [
      'replay：--at “{text}”不是带时区的时间，例如 2026-11-24T23:10:00+08:00。',
      '见：gatehouse help replay',
    ],
    en: [
      'replay: --at "{text}" is no time with an offset, such as 2026-11-24T23:10:00+08:00.',
      'See: gatehouse help replay',
    ],
  },
  'USAGE/baud': {
    fault: 'input',
    zh: ['bus：--baud “{rate}”不是常用的波特率。', '见：gatehouse help bus'],
    en: ['bus: --baud "{rate}" is no usual rate.', 'See: gatehouse help bus'],
  },
  'USAGE/bus-place': {
    fault: 'input',
    zh: ['bus：请用 --site 和 --bus、--path 或 --host 指定总线。', '见：gatehouse help bus'],
    en: ['bus: name the bus by --site and --bus, by --path, or by --host.', 'See: gatehouse help bus'],
  },
  'USAGE/fps': {
    fault: 'input',
    zh: ['{verb}：--fps “{text}”必须大于 0，最大 60。', '见：gatehouse help {verb}'],
    en: ['{verb}: --fps "{text}" must be a number above 0, at most 60.', 'See: gatehouse help {verb}'],
  },
  'USAGE/language': {
    fault: 'input',
    zh: ['{option} “{asked}”不是语言：请用 zh 或 en。', '见：gatehouse help {verb}'],
    en: ['{option} "{asked}" is no language: say zh or en.', 'See: gatehouse help {verb}'],
  },
  'USAGE/missing': {
    fault: 'input',
    zh: ['{verb}：缺少 --{name}。', '见：gatehouse help {verb}'],
    en: ['{verb}: --{name} is missing.', 'See: gatehouse help {verb}'],
  },
  'USAGE/no-unit': {
    fault: 'input',
    zh: ['bus：--units “{list}”中没有单元。', '见：gatehouse help bus'],
    en: ['bus: --units "{list}" names no unit.', 'See: gatehouse help bus'],
  },
  'USAGE/say': {
    fault: 'input',
    zh: ['{verb}：请用 {words}。', '见：gatehouse help {verb}'],
    en: ['{verb}: say {words}.', 'See: gatehouse help {verb}'],
  },
  'USAGE/since': {
    fault: 'input',
    zh: ['events：--since “{text}”既不是时刻也不是时长。', '见：gatehouse help events'],
    en: ['events: --since "{text}" is no instant and no span.', 'See: gatehouse help events'],
  },
  'USAGE/verb': {
    fault: 'input',
    zh: ['没有名为“{name}”的命令。', '{known}'],
    en: ['no verb is called "{name}".', '{known}'],
  },
  'USAGE/which-file': {
    fault: 'input',
    zh: ['restore：哪个文件？', '见：gatehouse help restore'],
    en: ['restore: which file?', 'See: gatehouse help restore'],
  },
  'USAGE/whole': {
    fault: 'input',
    zh: ['bus：--{name} “{value}”不是 {min} 到 {max} 之间的整数。', '见：gatehouse help bus'],
    en: ['bus: --{name} "{value}" is no whole number from {min} to {max}.', 'See: gatehouse help bus'],
  },
  'USAGE/word': {
    fault: 'input',
    zh: ['{verb}：{option} 没有“{value}”这个取值。', '{known}'],
    en: ['{verb}: {option} "{value}" is not known.', '{known}'],
  },
});
