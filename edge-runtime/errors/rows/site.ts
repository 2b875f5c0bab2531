import { rows } from '../row.ts';

export const siteErrors = rows({
  ACK_INVALID: {
    fault: 'input',
    zh: ['{field}：{problem}。', '请改正请求；各接口的参数见 contracts/local/README.md。'],
    en: ['{field}: {problem}.', 'Correct the request; contracts/local/README.md lists what each takes.'],
  },
  BUS_UNKNOWN: {
    fault: 'input',
    zh: ['没有名为“{name}”的总线。', '{known}'],
    en: ['no bus is called "{name}".', '{known}'],
  },
  'CAMERA_UNKNOWN/named': {
    fault: 'input',
    status: 404,
    zh: ['没有名为“{name}”的摄像机。', '{known}'],
    en: ['no camera is called "{name}".', '{known}'],
  },
  'CAMERA_UNKNOWN/site-file': {
    fault: 'input',
    status: 404,
    zh: ['站点文件中没有摄像机“{id}”。', '请刷新页面。'],
    en: ['the site file has no camera "{id}".', 'Reload the page.'],
  },
  COMMAND_INVALID: {
    fault: 'input',
    zh: ['{field}：{problem}。', '请改正请求；各接口的参数见 contracts/local/README.md。'],
    en: ['{field}: {problem}.', 'Correct the request; contracts/local/README.md lists what each takes.'],
  },
  DEVICE_UNKNOWN: {
    fault: 'input',
    status: 404,
    zh: ['没有名为“{name}”的设备。', '{known}'],
    en: ['no device is called "{name}".', '{known}'],
  },
  ENROLMENT_INVALID: {
    fault: 'input',
    zh: ['{field}：{problem}。', '请改正请求；各接口的参数见 contracts/local/README.md。'],
    en: ['{field}: {problem}.', 'Correct the request; contracts/local/README.md lists what each takes.'],
  },
  FIRE_RESET_INVALID: {
    fault: 'input',
    zh: ['{field}：{problem}。', '请改正请求；各接口的参数见 contracts/local/README.md。'],
    en: ['{field}: {problem}.', 'Correct the request; contracts/local/README.md lists what each takes.'],
  },
  HEAD_INVALID: {
    fault: 'input',
    zh: ['{field}：{problem}。', '请改正请求；各接口的参数见 contracts/local/README.md。'],
    en: ['{field}: {problem}.', 'Correct the request; contracts/local/README.md lists what each takes.'],
  },
  MESSAGE_INVALID: {
    fault: 'input',
    zh: ['{field}：{problem}。', '请改正请求；各接口的参数见 contracts/local/README.md。'],
    en: ['{field}: {problem}.', 'Correct the request; contracts/local/README.md lists what each takes.'],
  },
  QUERY_INVALID: {
    fault: 'input',
    zh: ['{field}：{problem}。', '请改正请求；各接口的参数见 contracts/local/README.md。'],
    en: ['{field}: {problem}.', 'Correct the request; contracts/local/README.md lists what each takes.'],
  },
  REQUEST_INVALID: {
    fault: 'input',
    zh: ['{field}：{problem}。', '请改正请求；各接口的参数见 contracts/local/README.md。'],
    en: ['{field}: {problem}.', 'Correct the request; contracts/local/README.md lists what each takes.'],
  },
  REVOCATION_INVALID: {
    fault: 'input',
    zh: ['{field}：{problem}。', '请改正请求；各接口的参数见 contracts/local/README.md。'],
    en: ['{field}: {problem}.', 'Correct the request; contracts/local/README.md lists what each takes.'],
  },
  SECRET_MISSING: {
    fault: 'input',
    zh: ['无法读取密码文件 {file}（{reason}）。', '请把密码写入该文件，并让服务可读。'],
    en: ['cannot read secret file {file} ({reason}).', 'Write the secret into it, readable by the service.'],
  },
  'SECRET_MISSING/empty': {
    fault: 'input',
    zh: ['密码文件 {file} 是空的。', '请把密码写入该文件，并让服务可读。'],
    en: ['secret file {file} is empty.', 'Write the secret into it, readable by the service.'],
  },
  'SECRET_MISSING/variable': {
    fault: 'input',
    zh: ['没有设置环境变量 {variable}。', '请把它设为该密码。'],
    en: ['environment variable {variable} is not set.', 'Set it to the secret.'],
  },
  SITE_FILE_INVALID: {
    fault: 'input',
    zh: ['{place}：{problem}。', '{remedy}。'],
    en: ['{place}: {problem}.', '{remedy}.'],
  },
  'SITE_FILE_INVALID/more': {
    fault: 'input',
    zh: ['{place}：{problem}（另有 {count} 处：{command}）。', '{remedy}。'],
    en: ['{place}: {problem} (and {count} more: {command}).', '{remedy}.'],
  },
  SITE_FILE_MISSING: {
    fault: 'input',
    zh: ['无法读取站点文件 {file}（{reason}）。', '请把 GATEHOUSE_SITE 设为可读的文件。'],
    en: ['cannot read site file {file} ({reason}).', 'Set GATEHOUSE_SITE to a readable file.'],
  },
  SITE_FILE_SHARED: {
    fault: 'input',
    status: 409,
    zh: [
      '摄像机“{cameras}”的区域在站点文件中还被别处使用{used}；没有保存。',
      '请在站点文件中把这些别名写成具体的值，再编辑。',
    ],
    en: [
      'the zones of camera "{cameras}" stand in the site file for something else, too{used}; nothing was saved.',
      'Write the values out in the site file in place of these aliases, then edit again.',
    ],
  },
  SITE_NOT_SET: {
    fault: 'input',
    zh: [
      '未设置 GATEHOUSE_SITE。',
      '请把它设为站点文件的路径，例如 /etc/gatehouse/site/site.yaml；gatehouse 命令也可以用 --site FILE。',
    ],
    en: [
      'GATEHOUSE_SITE is not set.',
      'Set it to the path of the site file, for example /etc/gatehouse/site/site.yaml; a gatehouse command also takes --site FILE.',
    ],
  },
  ZONES_NOT_WRITTEN: {
    fault: 'bug',
    zh: ['摄像机“{camera}”的区域写入站点文件后，读回的与画的不同。', '没有保存；请手工编辑站点文件。'],
    en: [
      'the edited zones of camera "{camera}" did not read back from the site file as they were drawn.',
      'Nothing was saved; edit the site file by hand.',
    ],
  },
});
