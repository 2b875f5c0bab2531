import { rows } from '../row.ts';

export const driversErrors = rows({
  ACTION_UNKNOWN: {
    fault: 'input',
    zh: ['{device} 不能“{action}”。', '{known}'],
    en: ['{device} cannot "{action}".', '{known}'],
  },
  AUDIT_FILE_IN_USE: {
    fault: 'input',
    zh: ['门控服务正在写 {file}。', '请去掉 --file，或先停止服务。'],
    en: ['the drivers service writes {file}.', 'Leave --file out, or stop the service.'],
  },
  AUDIT_FILE_MISSING: {
    fault: 'input',
    zh: ['没有文件 {file}。', '请给出一个 drivers.db。'],
    en: ['there is no file {file}.', 'Name a drivers.db.'],
  },
  AUDIT_FILE_OTHER: {
    fault: 'input',
    zh: ['{file} 不是 drivers.db。', '请给出一个 drivers.db。'],
    en: ['{file} is no drivers.db.', 'Name a drivers.db.'],
  },
  AUDIT_FILE_TOO_NEW: {
    fault: 'input',
    zh: ['{file} 的结构版本是 {found}，本程序只认识 {known}。', '请使用写出该文件的 Gatehouse 版本。'],
    en: [
      '{file} has schema version {found}, this program knows {known}.',
      'Use the version of Gatehouse that wrote it.',
    ],
  },
  BUS_BUSY: {
    fault: 'peer',
    zh: ['总线 {bus}：{what}。', '请减少这条总线上的控制板，或提高波特率。'],
    en: ['bus {bus}: {what}.', 'Use fewer boards on this bus, or a higher baud rate.'],
  },
  BUS_DOWN: {
    fault: 'peer',
    zh: ['总线 {bus}：{what}。', '请检查总线的线路、电源和地址。'],
    en: ['bus {bus}: {what}.', 'Check the cable, the power and the address of the bus.'],
  },
  'BUS_DOWN/port': {
    fault: 'peer',
    zh: ['总线 {bus}：{what}。', '{remedy}'],
    en: ['bus {bus}: {what}.', '{remedy}'],
  },
  BUS_EXCEPTION: {
    fault: 'peer',
    zh: ['总线 {bus}：{what}。', '请检查设备档案是否与控制板相符。'],
    en: ['bus {bus}: {what}.', 'Check that the profile fits the board.'],
  },
  BUS_TIMEOUT: {
    fault: 'peer',
    zh: ['总线 {bus}：{what}。', '请检查控制板的电源、从站地址和波特率。'],
    en: ['bus {bus}: {what}.', 'Check the power of the board, its unit address and the baud rate.'],
  },
  BUS_UNIT_SILENT: {
    fault: 'peer',
    zh: ['总线 {bus}：{what}。', '请检查控制板的电源、从站地址和波特率。'],
    en: ['bus {bus}: {what}.', 'Check the power of the board, its unit address and the baud rate.'],
  },
  BUS_WRONG_REPLY: {
    fault: 'peer',
    zh: [
      '总线 {bus}：{what}。',
      '请检查波特率和校验、终端电阻和屏蔽，以及是否有两块控制板共用一个从站地址。',
    ],
    en: [
      'bus {bus}: {what}.',
      'Check baud rate and parity, termination and shielding, and that no two boards share the unit address.',
    ],
  },
  CARDS_FULL: {
    fault: 'environment',
    status: 507,
    zh: ['已登记 {most} 张卡。', '请注销不再使用的卡。'],
    en: ['{most} cards are enrolled.', 'Revoke those that are not used any more.'],
  },
  CARD_KEY_UNUSABLE: {
    fault: 'environment',
    zh: ['卡片密钥文件 {file} 无法使用（{message}）。', '请从备份恢复；没有它，所有卡片都要重新登记。'],
    en: [
      'the key of the cards, {file}, cannot be used ({message}).',
      'Restore it from the backup; without it every card has to be enrolled anew.',
    ],
  },
  CARD_UNKNOWN: {
    fault: 'input',
    zh: ['没有编号为“{name}”的卡。', '{known}'],
    en: ['no card is called "{name}".', '{known}'],
  },
  COMMAND_EXPIRED: {
    fault: 'input',
    zh: ['复位请求已过期。', '请确认火警已解除，再复位一次。'],
    en: ['the reset is not from now.', 'Look whether the fire is over, and reset again.'],
  },
  COMMAND_ID_REUSED: {
    fault: 'input',
    status: 409,
    zh: ['命令编号 {commandId} 已用于 {device} 的“{action}”。', '每条命令请使用新的编号。'],
    en: ['commandId {commandId} belongs to "{action}" of {device}.', 'Use a new commandId for each command.'],
  },
  'COMMAND_INVALID/box-channel': {
    fault: 'input',
    zh: ['origin.channel：“{channel}”是主机自身。', '请写明调用方。'],
    en: ['origin.channel: "{channel}" is the box itself.', 'Name the caller.'],
  },
  'COMMAND_INVALID/unsigned': {
    fault: 'input',
    zh: ['origin：平台的命令只凭签名识别。', '请把平台的消息原样交给 POST /platform-messages。'],
    en: [
      'origin: what the platform commands is known by its signature only.',
      'Hand its message to POST /platform-messages as it came.',
    ],
  },
  COMMAND_UNKNOWN: {
    fault: 'input',
    status: 404,
    zh: ['没有编号为 {commandId} 的命令。', '命令结果至少保留 24 小时。'],
    en: ['no command {commandId} is known.', 'Outcomes are kept for at least 24 hours.'],
  },
  'DEVICE_UNKNOWN/drivers': {
    fault: 'input',
    status: 404,
    zh: ['门控服务没有设备“{id}”。', '请使用主机正在运行的站点文件。'],
    en: ['the drivers know no "{id}".', 'Use the site file that the box runs on.'],
  },
  ENROLMENT_BUSY: {
    fault: 'input',
    status: 409,
    zh: ['有人正在读卡器 {reader} 上登记卡片。', '请等其完成，最多 30 秒。'],
    en: ['somebody else enrols a card at {reader}.', 'Wait until they are done, 30 s at most.'],
  },
  ENROLMENT_ENDED: {
    fault: 'input',
    status: 408,
    zh: ['30 秒内没有在读卡器前刷卡。', '请重新登记，并把卡贴近读卡器。'],
    en: ['no card was held before the reader within 30 s.', 'Ask again and hold it close.'],
  },
  FIRE_INPUT_UNKNOWN: {
    fault: 'input',
    status: 409,
    zh: ['读不到火警输入（{inputs}）。', '请先修好它的控制板或线路：只有读到的输入才能说明火警已解除。'],
    en: [
      'nothing is known of the fire input ({inputs}).',
      'Mend its board or cable first: only a read input can say that the fire is over.',
    ],
  },
  FIRE_STILL_ACTIVE: {
    fault: 'input',
    status: 409,
    zh: ['火警信号还在（{inputs}）。', '请先复位火灾报警控制器。'],
    en: ['the fire signal is still there ({inputs}).', 'Reset the fire alarm panel first.'],
  },
  'JOURNAL_CORRUPT/checked': {
    fault: 'environment',
    zh: ['数据库已损坏：{file}（{found}）。', '系统会用还能读出的内容重建。'],
    en: ['damaged: {file} ({found}).', 'It is made anew of what can be read.'],
  },
  'JOURNAL_FULL/waiting': {
    fault: 'environment',
    status: 507,
    zh: ['drivers.db 暂时不能写入。', '请清理磁盘；等待的写入会自动继续。'],
    en: ['drivers.db takes nothing just now.', 'Free space on its disk; waiting writes go on by themselves.'],
  },
  NOT_PERMITTED: {
    fault: 'input',
    status: 403,
    zh: ['{channel} 不能复位火警锁定。', '请由站点文件允许的人员在现场复位。'],
    en: [
      '{channel} may not reset the fire latch.',
      'Reset it at the box, as somebody whom the site file permits it.',
    ],
  },
  PROFILE_INVALID: {
    fault: 'input',
    zh: ['{place}：{problem}。', '{remedy}。'],
    en: ['{place}: {problem}.', '{remedy}.'],
  },
  'PROFILE_INVALID/more': {
    fault: 'input',
    zh: ['{place}：{problem}（另有 {count} 处：{command}）。', '{remedy}。'],
    en: ['{place}: {problem} (and {count} more: {command}).', '{remedy}.'],
  },
  PROFILE_UNKNOWN: {
    fault: 'input',
    zh: ['没有名为“{name}”的设备档案。', '{known}'],
    en: ['no profile is called "{name}".', '{known}'],
  },
  RATE_LIMITED: {
    fault: 'peer',
    status: 429,
    zh: ['{party}在一分钟内发来的命令超过 {most} 条。', '请减少发送；没有执行任何动作。'],
    en: ['more than {most} commands a minute came from {party}.', 'Send fewer; nothing was done.'],
  },
  READER_UNKNOWN: {
    fault: 'input',
    status: 404,
    zh: ['没有名为“{name}”的读卡器。', '{known}'],
    en: ['no card reader is called "{name}".', '{known}'],
  },
  RELAY_NOT_RELEASED: {
    fault: 'peer',
    zh: ['设备 {device}：继电器 {channel} 仍然吸合。', '请查看继电器板：触点可能已粘连。'],
    en: ['device {device}: relay {channel} is still on.', 'Look at the board: its contact may have welded.'],
  },
  SENSOR_VALUE_UNKNOWN: {
    fault: 'input',
    zh: ['设备档案 {profile} 没有值“{id}”。', '它有：{known}。'],
    en: ['profile {profile} has no value "{id}".', 'It has: {known}.'],
  },
  SERIAL_PORT: {
    fault: 'environment',
    zh: ['{path}：{reason}。', '请检查线路、转换器及其驱动。'],
    en: ['{path}: {reason}.', 'Check the cable, the adapter and its driver.'],
  },
  'SERIAL_PORT/alike': {
    fault: 'environment',
    zh: ['{path} 对应 {count} 个没有序列号的相同转换器（{nodes}）。', '请按各自的插口命名：{names}。'],
    en: [
      '{path} is claimed by {count} adapters alike without a serial number of their own ({nodes}).',
      'Name each by its socket: {names}.',
    ],
  },
  'SERIAL_PORT/fenced-off': {
    fault: 'environment',
    zh: [
      '服务不能打开 {path}：它的 systemd 单元没有列出这类设备。',
      '请在 gatehouse-drivers.service 中加入 DeviceAllow=char-NAME rw；名称见 /proc/devices。',
    ],
    en: [
      'the service may not open {path}: its unit does not list this kind of device.',
      'Add it to gatehouse-drivers.service as DeviceAllow=char-NAME rw; /proc/devices has the names.',
    ],
  },
  'SERIAL_PORT/forbidden': {
    fault: 'environment',
    zh: ['用户 {user} 不能打开 {path}。', '请查看其属主和权限。'],
    en: ['user {user} may not open {path}.', 'See its owner and mode.'],
  },
  'SERIAL_PORT/group': {
    fault: 'environment',
    zh: [
      '用户 {user} 不能打开 {path}：它属于组 {group}，权限 {mode}。',
      '请把该用户加入该组（usermod -aG {group} {user}），再重启服务。',
    ],
    en: [
      'user {user} may not open {path}: it belongs to group {group}, mode {mode}.',
      'Put the user into that group (usermod -aG {group} {user}), then start the service anew.',
    ],
  },
  'SERIAL_PORT/held': {
    fault: 'environment',
    zh: ['{path} 被 {holders} 占用。', '请停止那个程序：一条总线只能有一个主站。'],
    en: ['{path} is held by {holders}.', 'Stop that program: a bus has one master.'],
  },
  'SERIAL_PORT/locked': {
    fault: 'environment',
    zh: [
      '{path} 被另一个程序锁定，或被本程序打开了两次。',
      '请停止那个程序：一条总线只能有一个主站。"sudo fuser -v {path}" 会列出它。',
    ],
    en: [
      '{path} is locked by another program, or twice by this one.',
      'Stop that program: a bus has one master. "sudo fuser -v {path}" names it.',
    ],
  },
  'SERIAL_PORT/missing': {
    fault: 'environment',
    zh: ['{path} 不存在。', '请插上转换器。"gatehouse bus ports" 会列出现有的。'],
    en: ['{path} is not there.', 'Plug the adapter in. "gatehouse bus ports" lists what is there.'],
  },
  'SERIAL_PORT/mode': {
    fault: 'environment',
    zh: [
      '用户 {user} 不能打开 {path}：它属于组 {group}，权限 {mode}。',
      '该组不能读写它：请加一条 udev 规则，GROUP="dialout", MODE="0660"。',
    ],
    en: [
      'user {user} may not open {path}: it belongs to group {group}, mode {mode}.',
      'Its group may not read and write it: a udev rule with GROUP="dialout", MODE="0660" mends that.',
    ],
  },
  'SERIAL_PORT/modem-manager': {
    fault: 'environment',
    zh: [
      '{path} 被 {holders} 占用。',
      'ModemManager 会把每个新的串口转换器当作调制解调器试探：请卸载它（apt-get remove modemmanager）。',
    ],
    en: [
      '{path} is held by {holders}.',
      'ModemManager tries every new serial adapter for a modem: remove it (apt-get remove modemmanager).',
    ],
  },
  'SERIAL_PORT/socket-empty': {
    fault: 'environment',
    zh: [
      '{path} 不存在。',
      '请把转换器插回原来的插口：这个名称是插口的名称。"gatehouse bus ports" 会列出现有的。',
    ],
    en: [
      '{path} is not there.',
      'Plug the adapter into its socket again: this name is of a socket. "gatehouse bus ports" lists what is there.',
    ],
  },
  WRITE_FORBIDDEN: {
    fault: 'bug',
    zh: ['设备档案 {profile} 没有这样的写操作：{request}。', '没有发送任何内容。请连同日志一起上报。'],
    en: ['profile {profile} has no such write: {request}.', 'Nothing was sent. Report this with the log.'],
  },
});
