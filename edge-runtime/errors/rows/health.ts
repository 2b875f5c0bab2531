import { lines } from '../row.ts';

/**
 * Lines of the health of services: what is wrong, with its values and the remedy. `{error}` stands for the
 * line of another error.
 */
export const faultLines = lines({
  BROKER_PUBLISH_REFUSED: {
    zh: 'BROKER_PUBLISH_REFUSED：消息服务器拒收事件（{reason}）。请检查它给本主机的权限。',
    en: 'BROKER_PUBLISH_REFUSED: the broker refuses events ({reason}). Check the rights that it grants this box.',
  },
  CAMERAS_NOT_LIVE: {
    zh: '{all} 个摄像机中有 {count} 个没有实时画面：{names}。',
    en: '{count} of {all} cameras not live: {names}.',
  },
  CAMERA_TROUBLES_WAIT: {
    zh: '摄像机异常没有记录：{error}',
    en: 'troubles of cameras are not recorded: {error}',
  },
  DESIRED_WAITS: {
    zh: '平台下发的配置在等待：{error}',
    en: "the platform's configuration waits: {error}",
  },
  DEVICES_SILENT: {
    zh: '{names} 没有应答：请检查电源、线路和地址。',
    en: 'No answer from {names}: check power, cable and address.',
  },
  DEVICE_EVENTS_WAIT: {
    zh: '门和输入的事件在等待记录：{error}',
    en: 'events of doors and inputs wait: {error}',
  },
  DISK_LOW: {
    zh: 'DISK_LOW：{folder} 所在磁盘剩余 {free} GiB；不再保存新的录像，事件照常保存。请清理磁盘。',
    en: 'DISK_LOW: {free} GiB free below {folder}; no new clips are kept, events are. Free space.',
  },
  'DISK_LOW/stills': {
    zh: 'DISK_LOW：{folder} 所在磁盘剩余 {free} GiB；不再保存新的录像和快照，事件照常保存。请清理磁盘。',
    en: 'DISK_LOW: {free} GiB free below {folder}; no new clips and stills are kept, events are. Free space.',
  },
  EVENTS_WITHHELD: {
    zh: 'EVENTS_WITHHELD：有 {count} 个事件没有上传平台；见日志中的“egress-refused”。',
    en: 'EVENTS_WITHHELD: {count} events were withheld from upstream; see "egress-refused" in the log.',
  },
  FINDINGS_WAIT: {
    zh: '有 {count} 个发现在等待记录：{error}',
    en: '{count} findings wait: {error}',
  },
  FLOWS_NOT_RUNNING: {
    zh: '流程没有运行（{reason}）。请在编辑器中去掉这些节点。',
    en: 'flows do not run ({reason}). Remove these nodes in the editor.',
  },
  HEALTH_UNKNOWN: {
    zh: 'HEALTH_UNKNOWN：无法得知“{name}”的状态（{reason}）。请查看该服务的日志。',
    en: 'HEALTH_UNKNOWN: the state of "{name}" cannot be read ({reason}). See the log of the service.',
  },
  INCIDENT_FEED_DOWN: {
    zh: 'INCIDENT_FEED_DOWN：流程收不到事件，也不作联动。请检查 runtime 服务是否在运行。',
    en: 'INCIDENT_FEED_DOWN: flows hear of no incident, and react to none. Check that the runtime service runs.',
  },
  JOURNAL_FULL: {
    zh: 'JOURNAL_FULL：磁盘无法再写入 {file}，请立即清理。主机旁的人仍可停止和打开（还够约 {room} 条命令）；其他来源的命令会被拒绝。',
    en: 'JOURNAL_FULL: the disk takes nothing for {file}. Free space on it now. People at the box can still stop and open (room for some {room} commands); commands from elsewhere are refused.',
  },
  'JOURNAL_FULL/stops': {
    zh: 'JOURNAL_FULL：磁盘无法再写入 {file}，请立即清理。只执行停止命令，以及火警时的打开。',
    en: 'JOURNAL_FULL: the disk takes nothing for {file}. Free space on it now. Only stops are carried out, and what a fire opens.',
  },
  JOURNAL_RECOVERED: {
    zh: 'JOURNAL_RECOVERED：{file} 曾损坏，已用还能读出的内容重建。全部或部分丢失的有：{missing}。损坏的文件是 {aside}：请检查磁盘，然后移走该文件。',
    en: 'JOURNAL_RECOVERED: {file} was damaged and made anew of what could be read. Not known any more, wholly or in part: {missing}. The damaged file is {aside}: check the disk, then move that file away.',
  },
  JOURNAL_UNREADABLE: {
    zh: 'JOURNAL_UNREADABLE：{file} 中有记录无法读取，已 {count} 次被略过；见日志中的“journal-row-unreadable”。请检查磁盘。',
    en: 'JOURNAL_UNREADABLE: {count} times a record of {file} could not be read and was left out; see "journal-row-unreadable" in the log. Check the disk.',
  },
  MODEL_NOT_RUNNING: {
    zh: '模型 {model}：{error}',
    en: 'model {model}: {error}',
  },
  MODEL_REPLACED: {
    zh: '模型 {model} 没有运行（{code}），由 {other} 代替。{remedy}然后重新启动 vision 服务。',
    en: 'model {model} does not run ({code}), {other} runs instead. {remedy} Then start the vision service again.',
  },
  MORE_FAULTS: {
    zh: '还有 {count} 项异常；见该服务的日志。',
    en: '{count} more faults; see the log of the service.',
  },
  OUT_OF_SERVICE: {
    zh: 'OUT_OF_SERVICE：{id} 已停用：{why}',
    en: 'OUT_OF_SERVICE: {id}: {why}',
  },
  PICTURES_HELD_BACK: {
    zh: '没有图片上传平台：{error}',
    en: 'No picture goes to the platform: {error}',
  },
  PICTURES_WAIT: {
    zh: '有图片等待上传平台已有 {hours} 小时；见 sync 和 vision 的日志。',
    en: 'A picture has waited for {hours} h to go to the platform; see the logs of sync and vision.',
  },
  PROCESSOR_SHORT: {
    zh: 'PROCESSOR_SHORT：主机处理器不足：本服务有 {percent}% 的时间在等待处理器。画面延迟不是摄像机的故障。请结束其他程序，或降低“analysis.fps”，或减少摄像机。',
    en: 'PROCESSOR_SHORT: the box is short of processor: work of this service waits {percent} % of the time. Late pictures are no camera\'s fault. End other programs, or lower "analysis.fps" or the number of cameras.',
  },
  'PROCESSOR_SHORT/threads': {
    zh: 'PROCESSOR_SHORT：主机处理器不足：本服务有 {percent}% 的时间在等待处理器，每个处理器有 {threads} 个线程要用。画面延迟不是摄像机的故障。请结束其他程序，或降低“analysis.fps”，或减少摄像机。',
    en: 'PROCESSOR_SHORT: the box is short of processor: work of this service waits {percent} % of the time, and {threads} threads want each processor. Late pictures are no camera\'s fault. End other programs, or lower "analysis.fps" or the number of cameras.',
  },
  READERS_SILENT: {
    zh: '{names} 的读卡器没有应答：请检查电源和线路。',
    en: 'No card reader at {names}: check power and cable.',
  },
  RETENTION_FAILED: {
    zh: 'RETENTION_FAILED：过期的内容没有删除（{reason}）。请检查磁盘。',
    en: 'RETENTION_FAILED: what is past its term is not deleted ({reason}). Check the disk.',
  },
  SENSORS_SILENT: {
    zh: '{names} 没有应答：请检查电源、线路和地址。',
    en: 'No answer from {names}: check power, cable and address.',
  },
  SERVICE_DOWN: {
    zh: '{service} 服务没有消息。请检查它是否在运行。',
    en: 'The {service} service has not been heard of. Check that it runs.',
  },
  'SERVICE_DOWN/error': {
    zh: '{service} 服务不能报告状态：{error}',
    en: 'The {service} service does not say how it is: {error}',
  },
  STORE_BACKLOG: {
    zh: 'STORE_BACKLOG：有 {count} 个{eventclass}类上传事件（{size} MiB）在等待平台。请恢复与平台的连接；一个也不会丢弃。',
    en: 'STORE_BACKLOG: {count} {eventclass} events ({size} MiB) wait for the platform. Restore the uplink; none is dropped.',
  },
  STORE_DAMAGED: {
    zh: 'STORE_DAMAGED：events.db 有损坏（{problem}）。请停止主机，然后运行：gatehouse db recover。',
    en: 'STORE_DAMAGED: events.db has a fault ({problem}). Stop the box and say: gatehouse db recover.',
  },
  STORE_ON_RESERVE: {
    zh: 'STORE_ON_RESERVE：{file} 所在磁盘已满。请立即清理；在预留空间用完之前，报警和门禁照常记录。',
    en: 'STORE_ON_RESERVE: the disk of {file} is full. Free space now; alarms and doors are recorded while the reserve lasts.',
  },
  STORE_RECOVERED: {
    zh: 'STORE_RECOVERED：{file} 曾损坏，已用还能读出的内容重建；损坏的文件是 {aside}。请检查磁盘，然后移走该文件。',
    en: 'STORE_RECOVERED: {file} was damaged and made anew of what could be read; the damaged file is {aside}. Check the disk, then move that file away.',
  },
  STORE_WAL_LARGE: {
    zh: 'STORE_WAL_LARGE：{file}-wal 已达 {size} MiB，并且没有缩小。请检查磁盘，并重新启动 runtime 服务。',
    en: 'STORE_WAL_LARGE: {file}-wal has grown to {size} MiB and does not shrink. Check the disk and restart the runtime.',
  },
  STORE_WENT_BACK: {
    zh: 'STORE_WENT_BACK：平台有本数据库不知道的事件：它被退回到较早状态，或被复制过。请查明是谁所为，然后移走 {note}。',
    en: 'STORE_WENT_BACK: the platform has events that this store does not know: it was put back to an earlier state, or copied. Find out by whom; then move {note} away.',
  },
  TRACKS_NOT_KEPT: {
    zh: '轨迹没有保存：{error}',
    en: 'tracks are not kept: {error}',
  },
  UPLINK_COMMANDS_DOWN: {
    zh: 'UPLINK_COMMANDS_DOWN：平台的命令已有 {age} 送不到本主机（自 {since} 起）。',
    en: "UPLINK_COMMANDS_DOWN: the platform's commands have not reached this box for {age} (since {since}).",
  },
  'UPLINK_COMMANDS_DOWN/error': {
    zh: 'UPLINK_COMMANDS_DOWN：平台的命令已有 {age} 送不到本主机（自 {since} 起）。{error}',
    en: "UPLINK_COMMANDS_DOWN: the platform's commands have not reached this box for {age} (since {since}). {error}",
  },
  UPLINK_CONNECTING: {
    zh: '与平台的连接还没有建立。',
    en: 'The link to the platform is not up yet.',
  },
  UPLINK_DESIRED_DOWN: {
    zh: 'UPLINK_DESIRED_DOWN：平台的区域和流程自 {since} 起送不到本主机。{error}',
    en: 'UPLINK_DESIRED_DOWN: zones and flows of the platform have not reached this box since {since}. {error}',
  },
  UPLINK_ID_SHARED: {
    zh: 'UPLINK_ID_SHARED：另一台主机在使用编号“{id}”：自 {since} 起，{sign}。请关掉其中一台，或给复制出来的那台另设编号和数据库。',
    en: 'UPLINK_ID_SHARED: another box uses the id "{id}": since {since} {sign}. Switch one of them off, or give the copy an id and a store of its own.',
  },
  UPLINK_UNACKNOWLEDGED: {
    zh: 'UPLINK_UNACKNOWLEDGED：上传事件已发送，但{eventclass}类已有 {seconds} 秒没有一个得到确认。请检查平台是否有接收端接收这一类。',
    en: 'UPLINK_UNACKNOWLEDGED: events are sent but none of class {eventclass} has been acknowledged for {seconds} s. Check that a receiver of the platform takes this class.',
  },
});

/** Notes in the health of services: worth knowing and no fault. */
export const noteLines = lines({
  CLOCK_NOT_SYNCHRONISED: {
    zh: 'CLOCK_NOT_SYNCHRONISED：主机时间自 {since} 起没有同步。请检查时间服务器：timedatectl timesync-status，chronyc tracking 或 ntpq -p。',
    en: 'CLOCK_NOT_SYNCHRONISED: the clock has not been synchronised since {since}. Check the time server: timedatectl timesync-status, chronyc tracking or ntpq -p.',
  },
  'CLOCK_NOT_SYNCHRONISED/drivers': {
    zh: 'CLOCK_NOT_SYNCHRONISED：不知道主机时间由谁校准；流程、日程和平台的命令会被拒绝。请启动时间服务，或见站点文件的 clock.keptBy。',
    en: 'CLOCK_NOT_SYNCHRONISED: nobody is known to keep the clock; commands from flows, schedules and the platform are refused. Start a time service, or see clock.keptBy of the site file.',
  },
  INCIDENTS_DELIVERED: {
    zh: '已送达流程的事件：{count}',
    en: 'incidents delivered: {count}',
  },
  'INCIDENTS_DELIVERED/last': {
    zh: '已送达流程的事件：{count}，最近一个：{id}（{phase}）',
    en: 'incidents delivered: {count}, last: {id} {phase}',
  },
  UPLINK_CERT_EXPIRED: {
    zh: 'UPLINK_CERT_EXPIRED：{what} 已于 {day} 到期。请续期。',
    en: 'UPLINK_CERT_EXPIRED: {what} ended on {day}. Renew it.',
  },
  UPLINK_CERT_EXPIRES: {
    zh: 'UPLINK_CERT_EXPIRES：{what} 将于 {day} 到期，还有 {days} 天。请续期。',
    en: 'UPLINK_CERT_EXPIRES: {what} ends on {day}, in {days} days. Renew it.',
  },
  WEBHOOK_SLOW: {
    zh: 'WEBHOOK_SLOW：{url} 已有 {seconds} 秒没有应答。请检查平台和连接。',
    en: 'WEBHOOK_SLOW: {url} has not answered for {seconds} s. Check the platform and the link.',
  },
});
