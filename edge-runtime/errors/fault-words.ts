import type { FaultKey } from './health-line.ts';
import type { CodeOf, Line } from './row.ts';

type ByCode = Readonly<Record<string, Line>>;

/** Every line of a fault has its short words, and some errors have other words here than in `plainWords`. */
const ofFaults = {
  HEALTH_UNKNOWN: {
    zh: '主机的一部分无法报告自身状态，请查看日志。',
    en: 'A part of the box cannot say how it is. See the log.',
  },
  MORE_FAULTS: { zh: '还有更多异常，请查看日志。', en: 'There are more faults. See the log.' },
  DISK_LOW: {
    zh: '磁盘空间不足：不再保存新的录像或图片，事件照常保存。请清理磁盘。',
    en: 'The disk is nearly full: no new clips or pictures are kept, events are. Free space.',
  },
  EVENTS_WITHHELD: {
    zh: '有事件因内容不合规而未上传平台，请查看日志。',
    en: 'Some events were withheld from the platform. See the log.',
  },
  FLOWS_NOT_RUNNING: {
    zh: '自动联动流程没有运行，请安装员检查流程。',
    en: 'Automatic reactions do not run. An installer must look at the flows.',
  },
  INCIDENT_FEED_DOWN: { zh: '自动联动流程收不到事件。', en: 'Automatic reactions hear of no incident.' },
  PICTURES_WAIT: {
    zh: '有图片长时间未能上传平台。',
    en: 'A picture has not reached the platform for a long time.',
  },
  READERS_SILENT: {
    zh: '读卡器没有应答，请检查电源与接线。',
    en: 'A card reader does not answer. Check its power and cable.',
  },
  RETENTION_FAILED: {
    zh: '过期记录无法删除，磁盘会逐渐写满。',
    en: 'Old records cannot be deleted, and the disk fills up.',
  },
  STORE_BACKLOG: {
    zh: '未上传的事件过多，请恢复与平台的连接；事件不会丢失。',
    en: 'Too many events wait for the platform. Restore the link; none is lost.',
  },
  STORE_DAMAGED: {
    zh: '事件数据库有损坏，请通知维护人员恢复。',
    en: 'The event database is damaged. Maintenance must recover it.',
  },
  STORE_ON_RESERVE: {
    zh: '主机磁盘已满，正在使用预留空间保存报警，请立即清理磁盘。',
    en: "The box's disk is full and alarms live on the reserve. Free space now.",
  },
  STORE_RECOVERED: {
    zh: '事件数据库曾损坏并已重建，请维护人员检查磁盘。',
    en: 'The event database was damaged and made anew. Maintenance must check the disk.',
  },
  STORE_WENT_BACK: {
    zh: '事件数据库被退回到较早状态或被复制，请维护人员查明原因。',
    en: 'The event database was put back to an earlier state, or copied. Maintenance must find out by whom.',
  },
  STORE_WAL_LARGE: {
    zh: '数据库日志文件过大，请维护人员检查磁盘并重启主机服务。',
    en: "The database's log has grown too large. Maintenance must check the disk and restart the box.",
  },
  STORE_CORRUPT: {
    zh: '事件数据库已损坏，请立即通知维护人员。',
    en: 'The event database is damaged. Call maintenance now.',
  },
  STORE_NOT_WRITABLE: {
    zh: '事件数据库无法写入，请立即通知维护人员。',
    en: 'The event database cannot be written. Call maintenance now.',
  },
  JOURNAL_FULL: {
    zh: '主机磁盘已满，请立即清理磁盘。值班人员仍可停止和打开，其他来源的门控命令会被拒绝。',
    en: "The box's disk is full: free space now. Guards can still stop and open; door commands from elsewhere are refused.",
  },
  JOURNAL_RECOVERED: {
    zh: '门控数据库曾损坏并已重建，请维护人员检查磁盘。',
    en: 'The database of doors was damaged and made anew: maintenance, check the disk.',
  },
  JOURNAL_UNREADABLE: {
    zh: '有门控记录无法读取，请维护人员检查磁盘。',
    en: 'Records of doors cannot be read: maintenance, check the disk.',
  },
  OUT_OF_SERVICE: {
    zh: '有设备因配置有误而停用，请通知维护人员。',
    en: 'A device is out of service because its configuration is wrong: tell maintenance.',
  },
  JOURNAL_CORRUPT: {
    zh: '门控数据库已损坏，请立即通知维护人员。',
    en: 'The database of doors is damaged. Call maintenance now.',
  },
  JOURNAL_NOT_WRITABLE: {
    zh: '门控数据库无法写入，请立即通知维护人员。',
    en: 'The database of doors cannot be written. Call maintenance now.',
  },
  TRACKS_FULL: {
    zh: '主机磁盘已满，无法保存轨迹，回看与试运行不完整。',
    en: "The box's disk is full and tracks are not kept: looking back and dry runs have gaps.",
  },
  TRACKS_NOT_WRITABLE: {
    zh: '轨迹文件无法写入，回看与试运行不完整。',
    en: 'Tracks cannot be written: looking back and dry runs have gaps.',
  },
  TRACKS_NOT_KEPT: {
    zh: '轨迹无法保存，回看与试运行不完整。',
    en: 'Tracks are not kept: looking back and dry runs have gaps.',
  },
  DEVICE_EVENTS_WAIT: {
    zh: '门和输入的事件暂时无法记录。',
    en: 'Events of doors and inputs cannot be recorded for now.',
  },
  FINDINGS_WAIT: {
    zh: '有发现暂时无法记录，不会丢失。',
    en: 'Findings cannot be recorded for now; none is lost.',
  },
  CAMERA_TROUBLES_WAIT: {
    zh: '摄像机异常暂时无法记录。',
    en: 'Troubles of cameras cannot be recorded for now.',
  },
  PICTURES_HELD_BACK: { zh: '没有图片上传平台。', en: 'No picture goes to the platform.' },
  DESIRED_WAITS: {
    zh: '平台下发的配置暂时无法处理。',
    en: "The platform's configuration cannot be dealt with for now.",
  },
  MODEL_NOT_RUNNING: {
    zh: '识别模型没有运行，有画面没有分析。',
    en: 'A detector does not run, and pictures are not analysed.',
  },
  DESIRED_NOT_KEPT: { zh: '平台下发的配置无法保存。', en: "The platform's configuration cannot be kept." },
  CAMERAS_NOT_LIVE: { zh: '有摄像机没有画面。', en: 'Some cameras give no picture.' },
  DEVICES_SILENT: { zh: '有门、道闸或输入没有应答。', en: 'Some doors, barriers or inputs do not answer.' },
  SENSORS_SILENT: { zh: '有传感器没有应答。', en: 'Some sensors do not answer.' },
  MODEL_REPLACED: {
    zh: '配置的识别模型不能运行，由内置模型代替。',
    en: 'The chosen detector does not run; the bundled one runs instead.',
  },
  SERVICE_DOWN: { zh: '有服务没有应答。', en: 'A service does not answer.' },
  UPLINK_CONNECTING: { zh: '正在连接平台。', en: 'The link to the platform is not up yet.' },
  UPLINK_COMMANDS_DOWN: {
    zh: '平台的命令送不到本机。',
    en: 'Commands of the platform do not reach the box.',
  },
  UPLINK_DESIRED_DOWN: {
    zh: '平台下发的区域和流程送不到本机。',
    en: 'Zones and flows of the platform do not reach the box.',
  },
  UPLINK_ID_SHARED: { zh: '另一台设备正在使用本机编号。', en: "Another device uses this box's id." },
  UPLINK_UNACKNOWLEDGED: { zh: '平台没有确认收到事件。', en: 'The platform does not acknowledge events.' },
  UPLINK_CERT_EXPIRED: {
    zh: '到平台的证书已过期。',
    en: 'A certificate of the link to the platform has expired.',
  },
  UPLINK_CERT_EXPIRES: {
    zh: '到平台的证书即将到期。',
    en: 'A certificate of the link to the platform ends soon.',
  },
  BROKER_PUBLISH_REFUSED: { zh: '消息服务器拒收事件。', en: 'The broker refuses events.' },
  WEBHOOK_SLOW: { zh: '平台应答很慢。', en: 'The platform answers slowly.' },
  CLOCK_NOT_SYNCHRONISED: { zh: '主机时间未同步。', en: "The box's clock is not synchronised." },
  PROCESSOR_SHORT: {
    zh: '本机处理器不足，画面分析延迟，并非摄像机故障。请通知安装员：停掉其他程序，或减少分析量。',
    en: "The box is short of processor and analyses pictures late, which is no camera's fault. Tell the installer: end other programs, or analyse less.",
  },
} satisfies ByCode & Readonly<Record<CodeOf<FaultKey>, Line>>;

/**
 * Short words for the guard, by code alone, of faults that the health of a service names: the meaning for the
 * compound and the person to call. The line of the fault (rows/health.ts) says what is wrong with which file.
 */
export const faultWords: ByCode = ofFaults;

/**
 * Words for the guard by code, of errors that the console shows. For a code that is missing here the console
 * uses the row of the table.
 */
export const plainWords: ByCode = {
  SESSION_REQUIRED: { zh: '登录已失效，请重新登录。', en: 'The login has ended. Log in again.' },
  ROLE_FORBIDDEN: {
    zh: '您的角色不能做这件事，请找管理员。',
    en: 'Your role may not do this. Ask an administrator.',
  },
  CROSS_SITE_REFUSED: {
    zh: '请求不是来自本系统页面，已拒绝。',
    en: 'Refused: the request did not come from this console.',
  },
  HOST_REFUSED: {
    zh: '请用主机的 IP 地址或已配置的名称访问。',
    en: "Use the box's IP address or its configured name.",
  },
  NOT_FOUND: { zh: '找不到该内容。', en: 'There is no such thing.' },
  BODY_INVALID: { zh: '填写的内容不正确。', en: 'Something entered is not valid.' },
  BODY_TOO_LARGE: { zh: '内容过大。', en: 'Too much was sent.' },
  SETUP_DONE: { zh: '主机已完成设置，请登录。', en: 'The box is set up already. Log in.' },
  SETUP_CODE_WRONG: {
    zh: '一次性代码不对。请查看主机的日志或屏幕。',
    en: "The one-time code is wrong. Read it from the box's log or screen.",
  },
  LOGIN_FAILED: { zh: '用户名或密码错误。', en: 'User name or password is wrong.' },
  LOGIN_LOCKED: { zh: '失败次数过多，请稍后再试。', en: 'Too many failed attempts. Wait and try again.' },
  LOGIN_BUSY: {
    zh: '登录的人太多，请过几秒再试。',
    en: 'Too many logins at once. Try again in some seconds.',
  },
  USER_EXISTS: { zh: '该用户名已存在。', en: 'This user name is taken.' },
  TOO_MANY_VIEWERS: {
    zh: '打开的实时画面过多，请先关闭一个。',
    en: 'Too many live views are open. Close one.',
  },
  EDITOR_DOWN: { zh: '流程编辑器没有应答。', en: 'The flow editor does not answer.' },
  DEVICE_UNKNOWN: { zh: '没有这个设备。', en: 'There is no such device.' },
  COMMAND_ID_REUSED: {
    zh: '该命令编号已用于另一条命令。',
    en: 'This command id belongs to another command.',
  },
  STORE_FULL: {
    zh: '主机磁盘已满，无法保存记录，请立即通知管理员。',
    en: "The box's disk is full and records cannot be kept. Tell an administrator at once.",
  },
  JOURNAL_FULL: {
    zh: '主机磁盘已满，命令没有执行，请通知管理员。',
    en: "The box's disk is full; the command was not carried out. Tell an administrator.",
  },
  PEER_DOWN: { zh: '相关服务没有运行。', en: 'The service for this is not running.' },
  COMMAND_UNANSWERED: {
    zh: '门控服务没有答复，不确定是否已动作。请先查看现场再操作。',
    en: 'Door control did not answer: it may or may not have moved. Look before you try again.',
  },
  INTERNAL: { zh: '主机内部出错，请查看日志。', en: 'Something went wrong inside the box. See its log.' },
  CAMERA_UNKNOWN: { zh: '没有这个摄像机。', en: 'There is no such camera.' },
  SITE_FILE_CHANGED: {
    zh: '站点文件已被别人修改，请重新打开编辑。',
    en: 'Somebody has changed the site file meanwhile: open the editor again.',
  },
  SITE_FILE_SHARED: {
    zh: '这些区域在站点文件中与其他内容共用（YAML 锚点），没有保存。请在文件中写出后再编辑。',
    en: 'These zones are shared with something else in the site file (a YAML anchor); nothing was saved. Write them out in the file first.',
  },
  SITE_FILE_NOT_WRITABLE: {
    zh: '主机上的站点文件无法写入，请联系维护人员。',
    en: 'The site file on the box cannot be written: call maintenance.',
  },
  ZONES_INVALID: {
    zh: '区域或门槛不正确，没有保存。',
    en: 'Zones or thresholds are not right; nothing was saved.',
  },
  LOOK_BACK_BUSY: {
    zh: '正在回看的人较多，请稍后再试。',
    en: 'Others are looking back right now: try again in a second.',
  },
  LOOK_BACK_FAILED: { zh: '回看出错，请查看日志。', en: 'Looking back failed: see the log.' },
  LOOK_BACK_TOO_LONG: { zh: '计算时间过长，请稍后再试。', en: 'It took too long: try again later.' },
  DRY_RUN_BUSY: { zh: '已有一次试运行正在进行。', en: 'Another dry run is going on.' },
  DRY_RUN_NO_TRACKS: {
    zh: '还没有可用于试运行的记录，请稍后再试。',
    en: 'Nothing is stored to try on yet: come back in a while.',
  },
  COOKIES_MIXED: {
    zh: '本机上的其他程序设置了与控制台同名的 Cookie，已将其清除，请再试一次。',
    en: 'Something else on this host had set a cookie of the console’s name. It has been removed: try again.',
  },
  PAGE_KEY_WRONG: {
    zh: '浏览器中的登录信息已被改动，请重新登录。',
    en: 'The login in this browser has been tampered with. Log in again.',
  },
  SERVICE_WORKER_REFUSED: {
    zh: '本系统不使用 Service Worker，已拒绝。',
    en: 'This system uses no service worker.',
  },
  METHOD_REFUSED: { zh: '不支持这种请求方式。', en: 'This kind of request is not served.' },
  TICKET_WRONG: {
    zh: '打开流程编辑器的凭证已用过或已过期，请从控制台菜单重新打开。',
    en: 'The ticket for the flow editor has been used or is too old. Open it from the console’s menu.',
  },
  DEPLOY_BUSY: {
    zh: '还有其他部署在进行，请过几秒再部署。',
    en: 'Other deploys are under way. Deploy again in some seconds.',
  },
  PASSWORD_WRONG: { zh: '您本人的密码不对。', en: 'Your own password is wrong.' },
  USER_UNKNOWN: { zh: '没有这个用户，请刷新列表。', en: 'There is no such user. Load the list again.' },
  LAST_ADMINISTRATOR: {
    zh: '这是唯一的管理员，请先设置另一位管理员。',
    en: 'This is the only administrator. Make another one first.',
  },
  TOO_MANY_CONNECTIONS: {
    zh: '您打开的页面过多，请先关闭一些。',
    en: 'You have too many pages open. Close some.',
  },
};
