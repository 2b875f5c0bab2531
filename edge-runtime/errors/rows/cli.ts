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
  'USAGE/ambiguous': {
    fault: 'input',
    zh: [
      '{verb}：{option} 的取值不明确。',
      '如果“{value}”是它的取值，请写 {option}={value}。见：gatehouse help {verb}',
    ],
    en: [
      "{verb}: Option '{option}' argument is ambiguous.",
      'If "{value}" is its value, write {option}={value}. See: gatehouse help {verb}',
    ],
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
  'USAGE/head': {
    fault: 'input',
    zh: ['audit：--head 应为记录编号、冒号和它的 64 个字符的哈希值。', '见：gatehouse help audit'],
    en: [
      'audit: --head must be an entry number, a colon and its hash of 64 characters.',
      'See: gatehouse help audit',
    ],
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
    zh: ['bus：--units “{list}”中没有从站。', '见：gatehouse help bus'],
    en: ['bus: --units "{list}" names no unit.', 'See: gatehouse help bus'],
  },
  'USAGE/no-value': {
    fault: 'input',
    zh: ['{verb}：{option} 缺少取值。', '见：gatehouse help {verb}'],
    en: ["{verb}: Option '{option} <value>' argument missing.", 'See: gatehouse help {verb}'],
  },
  'USAGE/option': {
    fault: 'input',
    zh: ['{verb}：没有选项“{option}”。', '见：gatehouse help {verb}'],
    en: ["{verb}: Unknown option '{option}'.", 'See: gatehouse help {verb}'],
  },
  'USAGE/path': {
    fault: 'input',
    zh: ['bus：--path “{path}”不是以“/”开头的路径。', '请运行：gatehouse bus ports'],
    en: ['bus: --path "{path}" is no path that starts with "/".', 'Say: gatehouse bus ports'],
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
  'USAGE/surplus': {
    fault: 'input',
    zh: ['{verb}：“{word}”是多余的。', '见：gatehouse help {verb}'],
    en: ["{verb}: Unexpected argument '{word}'.", 'See: gatehouse help {verb}'],
  },
  'USAGE/value': {
    fault: 'input',
    zh: ['{verb}：{option} 不带取值。', '见：gatehouse help {verb}'],
    en: ["{verb}: Option '{option}' does not take an argument.", 'See: gatehouse help {verb}'],
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
