import { rows } from '../row.ts';

export const kitErrors = rows({
  BODY_INVALID: {
    fault: 'input',
    zh: ['{problem}。', '请发送有效的 JSON，并减少内容。'],
    en: ['{problem}.', 'Send valid JSON, and less of it.'],
  },
  BODY_TOO_LARGE: {
    fault: 'peer',
    zh: ['内容超过 {limit} 字节。', '请一次少发一些。'],
    en: ['a body is over {limit} bytes.', 'Send less at a time.'],
  },
  'BODY_TOO_LARGE/decompressed': {
    fault: 'peer',
    zh: ['内容解压后超过 {limit} 字节。', '请一次少发一些。'],
    en: ['a body is over {limit} bytes once it is decompressed.', 'Send less at a time.'],
  },
  DIRECTORY_UNUSABLE: {
    fault: 'environment',
    zh: ['{directory} 无法使用：{what}。', '{remedy}，或把 {variable} 设为别的目录。'],
    en: ['{directory} cannot be used: {what}.', '{remedy}, or set {variable} to another directory.'],
  },
  EVENT_INVALID: {
    fault: 'peer',
    zh: ['事件“{event}”的数据不是 JSON。', '请查看发送方。'],
    en: ['the data of an event "{event}" is no JSON.', 'See the sender.'],
  },
  EVENT_TOO_LARGE: {
    fault: 'peer',
    zh: ['一个事件超过 {limit} 个字符。', '请查看发送方。'],
    en: ['an event is over {limit} characters.', 'See the sender.'],
  },
  'INTERNAL/service': {
    fault: 'bug',
    zh: ['服务处理该请求时出错。', '请查看其日志。'],
    en: ['the service failed on this request.', 'See its log.'],
  },
  METHOD_REFUSED: {
    fault: 'input',
    status: 405,
    zh: ['这里不支持 HEAD。', '请使用 GET。'],
    en: ['HEAD is not served here.', 'Use GET.'],
  },
  PATH_REFUSED: {
    fault: 'input',
    zh: ['路径中有“.”或“..”。', '请写出完整路径。'],
    en: ['the path has a "." or ".." segment.', 'Write the path out in full.'],
  },
  PEER_DOWN: {
    fault: 'peer',
    status: 503,
    zh: ['{service} 服务没有应答 {route}（{reason}）。', '请确认 {service} 服务正在运行。'],
    en: ['{service} did not answer {route} ({reason}).', 'Check that the {service} service runs.'],
  },
  PEER_REFUSED: {
    fault: 'peer',
    zh: ['{service} 服务对 {route} 的应答是 {status}。', '请查看其日志。'],
    en: ['{service} answered {status} to {route}.', 'See its log.'],
  },
  'PEER_REFUSED/answer': {
    fault: 'peer',
    zh: ['{service} 服务对 {target} 的应答与约定不符（{problem}）。', '请确认各服务是同一版本。'],
    en: [
      '{service} answered {target} with something else than agreed ({problem}).',
      'Check that all services are of one version.',
    ],
  },
  RESUME_POINT_INVALID: {
    fault: 'input',
    zh: ['Last-Event-ID “{id}”不是序号。', '请发回本流的编号。'],
    en: ['Last-Event-ID "{id}" is no sequence.', 'Send back an id of this stream.'],
  },
  ROUTE_UNKNOWN: {
    fault: 'input',
    status: 404,
    zh: ['没有接口 {route}。', '见 contracts/local/README.md。'],
    en: ['no route {route}.', 'See contracts/local/README.md.'],
  },
  SOCKET_DIRECTORY_UNSAFE: {
    fault: 'environment',
    zh: ['{path} 是链接，或其他用户可以写入。', '请删除它，或把 GATEHOUSE_RUN_DIR 设为自己的目录。'],
    en: [
      '{path} is a link, or others may write to it.',
      'Remove it, or set GATEHOUSE_RUN_DIR to a directory of your own.',
    ],
  },
  'SOCKET_DIRECTORY_UNSAFE/owner': {
    fault: 'environment',
    zh: ['{path} 属于另一个用户。', '请删除它，或把 GATEHOUSE_RUN_DIR 设为自己的目录。'],
    en: [
      '{path} belongs to another user.',
      'Remove it, or set GATEHOUSE_RUN_DIR to a directory of your own.',
    ],
  },
  SOCKET_PATH_TOO_LONG: {
    fault: 'environment',
    zh: ['套接字路径 {path} 超过 {limit} 字节。', '请把 GATEHOUSE_RUN_DIR 设为更短的目录。'],
    en: ['socket path {path} is over {limit} bytes.', 'Set GATEHOUSE_RUN_DIR to a shorter directory.'],
  },
  SOCKET_TAKEN: {
    fault: 'environment',
    zh: [
      '另一个进程正在使用 {path}。',
      '请停止它，或把 GATEHOUSE_STATE_DIR 或 GATEHOUSE_RUN_DIR 设为别的目录。',
    ],
    en: [
      'another process serves {path}.',
      'Stop it, or set GATEHOUSE_STATE_DIR or GATEHOUSE_RUN_DIR to another directory.',
    ],
  },
  STREAM_ENDED: {
    fault: 'peer',
    zh: ['{route} 被对方服务结束。', '请查看该服务的日志。'],
    en: ['{route} was ended by its service.', 'See the log of that service.'],
  },
  STREAM_NOT_OPENED: {
    fault: 'peer',
    zh: ['{route} 在 {seconds} 秒内没有发来任何字节。', '请查看该服务的日志。'],
    en: ['{route} brought no byte within {seconds} s.', 'See the log of that service.'],
  },
  STREAM_REFUSED: {
    fault: 'peer',
    zh: ['{route} 的应答是 {status} 和 {type}。', '请查看该服务的日志。'],
    en: ['{route} was answered with {status} and {type}.', 'See the log of that service.'],
  },
  STREAM_SILENT: {
    fault: 'peer',
    zh: ['{route} 在 {seconds} 秒内没有发来任何内容。', '请查看该服务的日志。'],
    en: ['{route} sent nothing for {seconds} s.', 'See the log of that service.'],
  },
  TOO_MANY_STREAMS: {
    fault: 'environment',
    zh: ['该调用方已打开 {most} 个流。', '请关闭一些。'],
    en: ['this caller has {most} streams open.', 'Close some.'],
  },
});
