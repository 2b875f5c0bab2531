import { rows } from '../row.ts';

export const receiverErrors = rows({
  PICTURES_FULL: {
    fault: 'environment',
    status: 507,
    zh: ['没有空间存放超过 {what}。', '请给接收端更多空间，或缩短图片保存时间。'],
    en: [
      'no room for more than {what}.',
      'Give the receiver more room, or let it keep pictures for a shorter time.',
    ],
  },
  PICTURE_HASH: {
    fault: 'input',
    status: 422,
    zh: ['图片的散列值不同。', ''],
    en: ['it has another hash.', ''],
  },
  PICTURE_LENGTH: {
    fault: 'input',
    status: 411,
    zh: ['需要 Content-Length。', '见 sync-agent/README.md 的“Pictures”。'],
    en: ['Content-Length is needed.', 'See sync-agent/README.md, "Pictures".'],
  },
  PICTURE_NAME: {
    fault: 'input',
    status: 404,
    zh: ['图片应存放为 <box>/<sha256>。', '请使用主机编号和 64 位小写十六进制数。'],
    en: ['a picture is put as <box>/<sha256>.', 'Use the box id and 64 lower case hexadecimal digits.'],
  },
  PICTURE_RANGE: {
    fault: 'input',
    zh: ['Content-Range 不相符。', '见 sync-agent/README.md 的“Pictures”。'],
    en: ['Content-Range does not fit.', 'See sync-agent/README.md, "Pictures".'],
  },
  PICTURE_TOO_LARGE: {
    fault: 'input',
    status: 413,
    zh: ['超过 {bytes} 字节。', '请发送小一些的图片。'],
    en: ['more than {bytes} bytes.', 'Send a smaller picture.'],
  },
  'PICTURE_TOO_LARGE/part': {
    fault: 'input',
    status: 413,
    zh: ['一次最多接收 {bytes} 字节。', '见 sync-agent/README.md 的“Pictures”。'],
    en: ['at most {bytes} bytes are taken.', 'See sync-agent/README.md, "Pictures".'],
  },
  PICTURE_TYPE: {
    fault: 'input',
    status: 415,
    zh: ['只接收 image/jpeg。', '见 sync-agent/README.md 的“Pictures”。'],
    en: ['only image/jpeg is taken.', 'See sync-agent/README.md, "Pictures".'],
  },
  PICTURE_UNKNOWN: {
    fault: 'input',
    zh: ['没有这张图片。', '请查看图片列表。'],
    en: ['there is no such picture.', 'See the list of media.'],
  },
  'QUERY_INVALID/list': {
    fault: 'input',
    zh: ['不能列出“{asked}”（数量 {limit}）。', '可选：{known}。'],
    en: ['cannot list "{asked}" (limit {limit}).', 'Ask for one of {known}.'],
  },
  RECEIVER_DATABASE: {
    fault: 'input',
    zh: ['无法读取 {file}。', '请给出接收端启动时使用的文件。'],
    en: ['cannot read {file}.', 'Give the file that the receiver was started with.'],
  },
  RECEIVER_DATABASE_MISSING: {
    fault: 'environment',
    zh: ['没有这个数据库：{url}（{reason}）。', '请用 createdb 创建。'],
    en: ['no such database: {url} ({reason}).', 'Create it with createdb.'],
  },
  'RECEIVER_FULL/postgres': {
    fault: 'environment',
    status: 507,
    zh: ['{url} 没有空间了（{reason}）。', '请清理磁盘；等待的主机会自动继续。'],
    en: ['no space left for {url} ({reason}).', 'Free space on its disk; waiting boxes go on by themselves.'],
  },
  RECEIVER_LOGIN_REFUSED: {
    fault: 'environment',
    zh: ['{url} 拒绝登录（{reason}）。', '请检查用户、PGPASSWORD 和 pg_hba.conf。'],
    en: ['login refused by {url} ({reason}).', 'Check user, PGPASSWORD and pg_hba.conf.'],
  },
  RECEIVER_MEDIA: {
    fault: 'bug',
    zh: ['处理失败。', ''],
    en: ['it failed.', ''],
  },
  RECEIVER_MEDIA_PORT: {
    fault: 'environment',
    zh: ['无法监听 {host}:{port}（{reason}）。', '请给出另一个 --media 地址。'],
    en: ['cannot listen on {host}:{port} ({reason}).', 'Give another --media address.'],
  },
  'RECEIVER_NOT_DURABLE/postgres': {
    fault: 'environment',
    zh: [
      '{url}：{setting} 是 {found}，不是 on。',
      '请在 postgresql.conf 中设为“on”：确认过的事件会在主机上删除。',
    ],
    en: [
      '{url}: {setting} is {found}, not on.',
      'Set it to "on" in postgresql.conf: what is acknowledged is deleted on the box.',
    ],
  },
  'RECEIVER_NOT_WRITABLE/postgres': {
    fault: 'environment',
    zh: ['没有写入 {url} 的权限（{reason}）。', '请授予数据库的 CREATE 权限，或拥有模式“{schema}”。'],
    en: ['no right to write in {url} ({reason}).', 'Grant CREATE on the database, or own schema "{schema}".'],
  },
  RECEIVER_PAGE_PORT: {
    fault: 'environment',
    zh: ['无法监听 {host}:{port}（{reason}）。', '请给出另一个 --page。'],
    en: ['cannot listen on {host}:{port} ({reason}).', 'Give another --page.'],
  },
  'RECEIVER_SETTINGS/address': {
    fault: 'input',
    zh: ['{name} {text} 不是地址。', '请给出端口或 主机:端口。'],
    en: ['{name} {text} is no address.', 'Give a port or HOST:PORT.'],
  },
  'RECEIVER_SETTINGS/classes': {
    fault: 'input',
    zh: ['--classes：“{name}”不是事件类别。', '请给出 {known} 中的一些，或不写以接收全部。'],
    en: ['--classes: "{name}" is no class.', 'Give some of {known}, or leave it out for all.'],
  },
  'RECEIVER_SETTINGS/db-password': {
    fault: 'input',
    zh: [
      '--db 中含有密码，本机的每个用户都能在进程列表中看到。',
      '请用 PGPASSWORD、~/.pgpass 给出密码，或把整个地址放入 GATEHOUSE_RECEIVER_DB。',
    ],
    en: [
      '--db holds a password, which every user of this machine can read in the process list.',
      'Give it in PGPASSWORD, in ~/.pgpass, or the whole address in GATEHOUSE_RECEIVER_DB.',
    ],
  },
  'RECEIVER_SETTINGS/keep': {
    fault: 'input',
    zh: ['--keep：“{term}”不是期限。', '请给出 {known} 的天数。'],
    en: ['--keep: "{term}" is no term.', 'Give days for {known}.'],
  },
  'RECEIVER_SETTINGS/media-token': {
    fault: 'input',
    zh: [
      '{host} 上的 --media 需要至少 {least} 个字符的令牌。',
      '请设置 GATEHOUSE_RECEIVER_MEDIA_TOKEN，例如用“openssl rand -hex 24”的输出。',
    ],
    en: [
      '--media on {host} needs a token of {least} characters or more.',
      'Set GATEHOUSE_RECEIVER_MEDIA_TOKEN, e.g. to the output of "openssl rand -hex 24".',
    ],
  },
  'RECEIVER_SETTINGS/no-db': {
    fault: 'input',
    zh: ['缺少 --db。', '请给出 SQLite 文件或 postgresql:// 地址。'],
    en: ['--db is missing.', 'Give an SQLite file or a postgresql:// address.'],
  },
  'RECEIVER_SETTINGS/no-media-dir': {
    fault: 'input',
    zh: ['--media 需要 --media-dir。', '请给出存放各主机图片的文件夹。'],
    en: ['--media needs --media-dir.', 'Give the folder that the pictures of boxes go to.'],
  },
  'RECEIVER_SETTINGS/option': {
    fault: 'input',
    zh: ['{option}：{problem}。', '例如：--url mqtt://127.0.0.1:1883 --db receiver.db'],
    en: ['{option}: {problem}.', 'Example: --url mqtt://127.0.0.1:1883 --db receiver.db'],
  },
  'RECEIVER_SETTINGS/page-token': {
    fault: 'input',
    zh: [
      '{host} 上的 --page 需要至少 {least} 个字符的令牌。',
      '请设置 GATEHOUSE_RECEIVER_PAGE_TOKEN，例如用“openssl rand -hex 24”的输出。',
    ],
    en: [
      '--page on {host} needs a token of {least} characters or more.',
      'Set GATEHOUSE_RECEIVER_PAGE_TOKEN, e.g. to the output of "openssl rand -hex 24".',
    ],
  },
  'RECEIVER_SETTINGS/plaintext': {
    fault: 'input',
    zh: ['--url：{problem}。', '请使用 mqtts://，或用 --plaintext {host} 允许。'],
    en: ['--url: {problem}.', 'Use mqtts://, or allow it with --plaintext {host}.'],
  },
  'RECEIVER_TOO_NEW/postgres': {
    fault: 'environment',
    zh: ['{url} 的结构版本是 {found}，本程序只认识 {known}。', '请装回较新的版本，或恢复升级前的备份。'],
    en: [
      '{url} has schema version {found}, this program knows {known}.',
      'Install the newer version again, or restore the backup taken before the upgrade.',
    ],
  },
  RECEIVER_UNREACHABLE: {
    fault: 'environment',
    zh: ['无法使用 {url}（{reason}）。', '请确认 PostgreSQL 在那里运行并接受连接。'],
    en: ['cannot use {url} ({reason}).', 'Check that PostgreSQL runs there and takes connections.'],
  },
  SETTLE_INVALID: {
    fault: 'input',
    zh: ['需要数据库、主机编号和您的姓名。', '例如：settle.ts --db receiver.db --box box-1 --by li'],
    en: [
      'a database, a box and your name are needed.',
      'Example: settle.ts --db receiver.db --box box-1 --by li',
    ],
  },
});
