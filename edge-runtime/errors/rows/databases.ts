import { rows } from '../row.ts';

/** Errors of any of the box's databases; the code begins with the name of the database. */
const mistakes = rows({
  CORRUPT: {
    fault: 'environment',
    zh: ['数据库已损坏：{file}。', '请把它移走，并恢复最近的备份。'],
    en: ['damaged: {file}.', 'Move it aside and restore the last backup.'],
  },
  FULL: {
    fault: 'environment',
    status: 507,
    zh: ['{file} 没有空间了。', '请清理磁盘；等待的写入会自动继续。'],
    en: ['no space left for {file}.', 'Free space on its disk; waiting writes go on by themselves.'],
  },
  'FULL/disk': {
    fault: 'environment',
    status: 507,
    zh: ['磁盘拒绝写入 {file}。', '请检查磁盘及其剩余空间。'],
    en: ['the disk refuses {file}.', 'Check the disk and its free space.'],
  },
  NOT_DURABLE: {
    fault: 'environment',
    zh: ['{file}：{pragma} 是 {found}，不是 {wanted}。', '请把状态目录放在本地文件系统上。'],
    en: ['{file}: {pragma} is {found}, not {wanted}.', 'Put the state directory on a local file system.'],
  },
  NOT_WRITABLE: {
    fault: 'environment',
    zh: ['无法写入 {file}。', '请给服务那里的写权限。'],
    en: ['cannot write {file}.', 'Give the service write access there.'],
  },
  'NOT_WRITABLE/in-the-way': {
    fault: 'environment',
    zh: ['{file} 需要目录的地方有一个文件。', '请移走那个文件，或设置 GATEHOUSE_STATE_DIR。'],
    en: [
      'a file stands where a directory must be for {file}.',
      'Move that file away, or set GATEHOUSE_STATE_DIR.',
    ],
  },
  NO_ROOM_TO_MIGRATE: {
    fault: 'environment',
    zh: [
      '没有空间复制 {file}（{bytes} 字节），升级版本 {version} 的结构之前需要一份副本。',
      '请清理磁盘后重新启动；没有改动任何内容。',
    ],
    en: [
      'no space for a copy of {file} ({bytes} bytes) before its schema is brought from version {version} on.',
      'Free space on its disk and start again; nothing was changed.',
    ],
  },
  TAKEN: {
    fault: 'environment',
    zh: ['另一个进程占用了 {file}。', '请停止另一个 gatehouse，或设置 GATEHOUSE_STATE_DIR。'],
    en: ['another process holds {file}.', 'Stop the other gatehouse, or set GATEHOUSE_STATE_DIR.'],
  },
  TOO_NEW: {
    fault: 'environment',
    zh: ['{file} 的结构版本是 {found}，本程序只认识 {known}。', '请装回较新的版本，或恢复升级前的备份。'],
    en: [
      '{file} has schema version {found}, this program knows {known}.',
      'Install the newer version again, or restore the backup taken before the upgrade.',
    ],
  },
});

type Mistakes = typeof mistakes;
type RowsOf<Name extends string> = {
  readonly [Key in keyof Mistakes as `${Name}_${Key}`]: Mistakes[Key];
};

function rowsOfDatabase<const Name extends string>(name: Name): RowsOf<Name> {
  return Object.fromEntries(
    Object.entries(mistakes).map(([key, row]) => [`${name}_${key}`, row]),
  ) as RowsOf<Name>;
}

/** The databases of the box and of the platform's receiver, and the folder of tracks. */
export type DatabaseName = 'STORE' | 'JOURNAL' | 'RECEIVER' | 'TRACKS';

export const databaseErrors = {
  ...rowsOfDatabase('STORE'),
  ...rowsOfDatabase('JOURNAL'),
  ...rowsOfDatabase('RECEIVER'),
  ...rowsOfDatabase('TRACKS'),
};
