import { rows } from '../row.ts';

export const flowsErrors = rows({
  CREDENTIAL_SECRET_DAMAGED: {
    fault: 'environment',
    zh: ['{path} 不再是当初写入的 {length} 位密钥。', '请从备份恢复；没有它，流程中保存的凭据就丢失了。'],
    en: [
      '{path} is not the {length}-digit secret it was written as.',
      'Restore it from a backup; without it the credentials stored in flows are lost.',
    ],
  },
  FLOWS_DIR_UNUSABLE: {
    fault: 'environment',
    zh: ['无法准备 {folder}（{reason}）。', '请让 flows 服务可以写入，并清出磁盘空间。'],
    en: [
      'cannot prepare {folder} ({reason}).',
      'Make it writable for the flows service and free disk space.',
    ],
  },
  FLOWS_NOT_DEPLOYED: {
    fault: 'environment',
    zh: ['Node-RED 没有接受流程（{reason}）。', '请查看 flows 服务的日志。'],
    en: ['Node-RED did not take the flows ({reason}).', "See the flows service's log."],
  },
  FLOWS_NOT_READ: {
    fault: 'environment',
    zh: ['Node-RED 还没有读取流程。', '请查看 flows 服务的日志；flows.json 可能已损坏。'],
    en: ['Node-RED has not read its flows.', "See the flows service's log; flows.json may be damaged."],
  },
  FLOW_RATE_LIMIT: {
    fault: 'input',
    zh: [
      '“{user}”在一分钟内已请求 {most} 次；这一次对 {device} 的 {action} 没有发出。',
      '请检查流程中是否有循环。',
    ],
    en: [
      '"{user}" has asked {most} times within a minute; this request to {action} {device} was not sent.',
      'Look for a loop in the flow.',
    ],
  },
  'FLOW_RATE_LIMIT/all': {
    fault: 'input',
    zh: ['流程已请求{often}；这一次对“{device}”的请求没有发出。', '请检查流程中是否有循环。'],
    en: [
      'flows have asked {often}; this request about "{device}" was not sent.',
      'Look for a loop in the flows.',
    ],
  },
  FLOW_TYPE_UNKNOWN: {
    fault: 'input',
    zh: ['流程中有类型为“{type}”的节点，本主机不提供。', '请去掉它。'],
    en: ['the flows have a node of type "{type}", which this box does not offer.', 'Leave it out.'],
  },
  'LOCALLY_EDITED/flows': {
    fault: 'input',
    zh: ['该版本到达之后，流程在本机被修改过。', '保留本机的修改；请发送更新的版本。'],
    en: [
      'the flows were changed at the box since the version came.',
      'The local change stands; send a newer version.',
    ],
  },
  NODE_INPUT: {
    fault: 'input',
    zh: ['msg.commandId 不是 UUID。', '请去掉它，或给出一个 UUID。'],
    en: ['msg.commandId is no UUID.', 'Leave it out, or pass one.'],
  },
  'NODE_MISCONFIGURED/device-event': {
    fault: 'input',
    zh: ['设备事件输入：{field}：{problem}。', '请打开该节点重新选择。'],
    en: ['device event in: {field}: {problem}.', 'Open the node and choose again.'],
  },
  'NODE_MISCONFIGURED/device-request': {
    fault: 'input',
    zh: ['门控请求：没有选择 {field}。', '请打开该节点，选择设备和动作。'],
    en: ['door request: {field} is not chosen.', 'Open the node and choose device and action.'],
  },
  'NODE_MISCONFIGURED/incident': {
    fault: 'input',
    zh: ['事件输入：{field}：{problem}。', '请打开该节点重新选择。'],
    en: ['incident in: {field}: {problem}.', 'Open the node and choose again.'],
  },
  'PEER_REFUSED/flows': {
    fault: 'peer',
    zh: ['flows 服务没有说明它运行的是哪些流程。', '请查看 flows 服务的日志。'],
    en: ['the flows service does not say which flows it runs.', 'See the log of the flows service.'],
  },
  'PEER_REFUSED/outcome': {
    fault: 'peer',
    zh: ['runtime 关于 {device} 的应答不是命令结果。', '请先查看设备状态，再重新请求。'],
    en: [
      "runtime's answer about {device} is not a command outcome.",
      'Check the state of the device before asking again.',
    ],
  },
  RUNTIME_LOST: {
    fault: 'peer',
    zh: ['runtime 服务没有应答：门和输入的报警现在到不了流程。', '没有流程，门和报警照常工作；见控制台。'],
    en: [
      'the runtime does not answer: alarms of doors and inputs do not reach flows now.',
      'Doors and alarms work on without flows; see the console.',
    ],
  },
});
