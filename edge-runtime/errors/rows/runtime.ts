import { rows } from '../row.ts';

export const runtimeErrors = rows({
  CAMERA_UNKNOWN: {
    fault: 'input',
    status: 404,
    zh: ['没有摄像机“{id}”。', '请刷新页面。'],
    en: ['there is no camera "{id}".', 'Reload the page.'],
  },
  CLIPS_FULL: {
    fault: 'environment',
    zh: ['录像已占用 {bytes} 字节，达到上限。', '请在站点文件中用 store.evidenceGiB 增加空间。'],
    en: [
      'clips take {bytes} bytes, all there is for them.',
      'Give them more by store.evidenceGiB in the site file.',
    ],
  },
  COMMAND_UNANSWERED: {
    fault: 'peer',
    zh: ['门控服务没有答复，不确定 {device} 是否已动作。', '请先查看现场再操作。'],
    en: [
      'drivers did not answer; whether {device} has moved is not known.',
      'Look at it before asking again.',
    ],
  },
  CONSOLE_PORT_WRONG: {
    fault: 'input',
    zh: ['{variable} “{text}”：{why}。', '请设为 1–65535 中空闲的端口。'],
    en: ['{variable} "{text}": {why}.', 'Set it to a free one of 1–65535.'],
  },
  DESIRED_NOT_KEPT: {
    fault: 'environment',
    zh: ['无法写入 {file}（{reason}）。', '请清理磁盘；该版本下次到达时再接收。'],
    en: [
      'cannot write {file} ({reason}).',
      'Free space on its disk; the version is taken when it comes again.',
    ],
  },
  DRY_RUN_BUSY: {
    fault: 'environment',
    status: 409,
    zh: ['已有一次试运行正在进行。', '请等它完成，或取消它。'],
    en: ['another dry run is going on.', 'Wait for it, or cancel it.'],
  },
  DRY_RUN_NO_TRACKS: {
    fault: 'input',
    zh: ['摄像机 {camera} 还没有保存的轨迹。', '请让摄像机先运行一段时间。'],
    en: ['no tracks of camera {camera} are stored yet.', 'Let the camera run for a while.'],
  },
  EDITOR_PORT_WRONG: {
    fault: 'input',
    zh: ['{variable} “{text}”：{why}。', '请设为 1–65535 中空闲的端口。'],
    en: ['{variable} "{text}": {why}.', 'Set it to a free one of 1–65535.'],
  },
  EDITOR_TOKEN_UNKNOWN: {
    fault: 'input',
    status: 401,
    zh: ['该令牌不代表任何人。', '请登录控制台。'],
    en: ['the token stands for nobody.', 'Log in to the console.'],
  },
  INCIDENT_CLEARED: {
    fault: 'bug',
    zh: ['事件 {incident} 已经解除，又收到“{phase}”。', '请连同日志一起上报。'],
    en: ['"{phase}" for incident {incident}, which is cleared already.', 'Report it with the log.'],
  },
  INCIDENT_UNKNOWN: {
    fault: 'bug',
    zh: ['{stay} 的“cleared”从未打开过。', '请连同日志一起上报。'],
    en: ['"cleared" for {stay}, which was never opened.', 'Report it with the log.'],
  },
  LOCALLY_EDITED: {
    fault: 'input',
    zh: ['平台的版本到达之后，{what}在本机被修改过。', '保留本机的修改；平台更新的版本会取代它。'],
    en: [
      "{what} changed at the box since the platform's version came.",
      'The local change stands; a newer version of the platform takes its place.',
    ],
  },
  LOOK_BACK_BUSY: {
    fault: 'environment',
    zh: ['正在回看的人较多。', '请一秒后再试。'],
    en: ['others are looking back right now.', 'Try again in a second.'],
  },
  LOOK_BACK_FAILED: {
    fault: 'bug',
    zh: ['无法在保存的轨迹上运行规则。', '请查看 runtime 服务的日志。'],
    en: ['the rules could not be run over the stored tracks.', 'See the log of the runtime service.'],
  },
  LOOK_BACK_TOO_LONG: {
    fault: 'environment',
    zh: ['在保存的轨迹上运行规则超过 {seconds} 秒。', '请在主机较空闲时再试。'],
    en: [
      'running the rules over the stored tracks took over {seconds} s.',
      'Try again when the box has less to do.',
    ],
  },
  MEDIA_UNKNOWN: {
    fault: 'input',
    status: 404,
    zh: ['没有等待中的图片 {id}。', '请取下一张。'],
    en: ['no picture {id} waits.', 'Ask for the next one.'],
  },
  MESSAGES_LIMITED: {
    fault: 'peer',
    zh: ['平台每秒发来的消息超过 {most} 条。', '请查明谁在向命令主题发布。'],
    en: [
      'more than {most} messages a second came from the platform.',
      'See who publishes to the command topic.',
    ],
  },
  'MESSAGES_LIMITED/desired': {
    fault: 'peer',
    zh: ['一分钟内收到的下发配置消息超过 {most} 条。', '请查明谁在向本主机的主题发布。'],
    en: [
      'more than {most} messages of desired state came within a minute.',
      "See who publishes to this box's topics.",
    ],
  },
  REDACTION_ANSWER: {
    fault: 'peer',
    zh: ['vision 服务对打码请求的应答不正确。', '请确认 vision 与 runtime 是同一版本。'],
    en: [
      'vision answered a redaction with something that is none.',
      'Check that vision and runtime are of one version.',
    ],
  },
  SITE_FILE_CHANGED: {
    fault: 'input',
    status: 409,
    zh: ['{file} 在打开编辑之后被修改过。', '请重新打开编辑；草稿可以手工搬过去。'],
    en: [
      '{file} has been changed since the editor was opened.',
      'Open the editor again; the draft can be taken over by hand.',
    ],
  },
  SITE_FILE_NOT_WRITABLE: {
    fault: 'environment',
    zh: [
      '{file} 无法写入（{code}）。',
      '请给 runtime 服务该文件夹的写权限（systemd/README.md），或手工编辑该文件。',
    ],
    en: [
      '{file} cannot be written ({code}).',
      'Give the runtime service write access to the folder it is in (systemd/README.md), or edit the file by hand.',
    ],
  },
  TRACKS_INVALID: {
    fault: 'input',
    zh: ['轨迹第 {line} 行：{what}。', '每行请给出一个 JSON 格式的 TrackFrame。'],
    en: ['tracks, line {line}: {what}.', 'Give one TrackFrame as JSON on each line.'],
  },
  ZONES_INVALID: {
    fault: 'input',
    zh: ['{path}：{problem}。', '请改正草稿；没有保存。'],
    en: ['{path}: {problem}.', 'Correct the draft; nothing was saved.'],
  },
  'ZONES_INVALID/all': {
    fault: 'input',
    zh: ['区域不正确。', '请改正草稿；没有保存。'],
    en: ['the zones are not valid.', 'Correct the draft; nothing was saved.'],
  },
});
