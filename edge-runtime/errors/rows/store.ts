import { rows } from '../row.ts';

export const storeErrors = rows({
  ACK_NOT_OURS: {
    fault: 'peer',
    zh: [
      '对 {eventclass} {upTo}（纪元 {epoch}）的确认不属于本数据库（纪元 {ours}，最后 {last}）。',
      '没有删除任何内容；请检查是否有两台主机共用一个编号。',
    ],
    en: [
      'acknowledgement of {eventclass} {upTo} in epoch {epoch} is not of this store (epoch {ours}, last {last}).',
      'Nothing was deleted; check that two boxes do not share an id.',
    ],
  },
  FORKS_LIMITED: {
    fault: 'peer',
    zh: [
      '平台在一小时内 {times} 次不承认本主机的事件。',
      '没有删除任何内容。请查明谁在发布确认，以及是否有另一台主机使用本机编号。',
    ],
    en: [
      "the platform has disowned this store's events {times} times within an hour.",
      'Nothing was deleted. See who publishes acknowledgements, and whether another box uses this id.',
    ],
  },
  REFUSAL_NOT_OURS: {
    fault: 'input',
    zh: [
      '对 {eventclass} {sequence} 的拒收不属于本数据库（纪元 {ours}）。',
      '没有记录；sync-agent 下次取事件时会得知新的纪元。',
    ],
    en: [
      'the refusal of {eventclass} {sequence} is not of this store (epoch {ours}).',
      'Nothing was recorded; sync-agent learns the epoch anew with its next pull.',
    ],
  },
  RESTORE_DAMAGED: {
    fault: 'input',
    zh: ['{file} 已损坏（{problem}）。', '请换一个备份。'],
    en: ['{file} is damaged ({problem}).', 'Take another backup.'],
  },
  RESTORE_NO_BACKUP: {
    fault: 'input',
    zh: ['{file} 不是事件数据库的备份。', '请给出 gatehouse backup 生成的文件。'],
    en: ['{file} is no backup of an event store.', 'Give a file of gatehouse backup.'],
  },
  RESTORE_NO_BOX: {
    fault: 'input',
    zh: ['{file} 没有写明属于哪台主机。', '请给出编号：--box ID。'],
    en: ['{file} does not say of which box it is.', 'Give the id: --box ID.'],
  },
  RESTORE_NO_FILE: {
    fault: 'input',
    zh: ['{file} 不存在。', '请设置 GATEHOUSE_STATE_DIR。'],
    en: ['{file} does not exist.', 'Set GATEHOUSE_STATE_DIR.'],
  },
  'RESTORE_NO_FILE/backup': {
    fault: 'input',
    zh: ['{file} 不存在。', '请给出备份文件。'],
    en: ['{file} does not exist.', 'Give a backup file.'],
  },
  RESTORE_TOO_NEW: {
    fault: 'input',
    zh: ['{file} 的结构版本是 {found}，本程序只认识 {known}。', '请安装生成它的版本。'],
    en: [
      '{file} has schema version {found}, this program knows {known}.',
      'Install the version that made it.',
    ],
  },
  STORE_BUSY_COPYING: {
    fault: 'input',
    zh: ['正在复制 {file}。', '请稍后再试。'],
    en: ['{file} is being copied.', 'Try again later.'],
  },
  'STORE_CORRUPT/checked': {
    fault: 'environment',
    zh: ['数据库已损坏：{file}（{found}）。', '系统会用还能读出的内容重建。'],
    en: ['damaged: {file} ({found}).', 'It is made anew of what can be read.'],
  },
  STORE_NO_ROOM_TO_COPY: {
    fault: 'environment',
    zh: ['{folder} 中没有空间复制 {file}。', '请在那里清出空间，或换一个地方。'],
    en: ['no space for a copy of {file} in {folder}.', 'Free space there, or choose another place.'],
  },
  'STORE_TAKEN/file': {
    fault: 'input',
    zh: ['{file} 正在使用。', '请先停止主机：systemctl stop gatehouse.target。'],
    en: ['{file} is in use.', 'Stop the box first: systemctl stop gatehouse.target.'],
  },
});
