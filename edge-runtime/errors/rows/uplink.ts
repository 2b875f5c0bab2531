import { rows } from '../row.ts';

export const uplinkErrors = rows({
  BODY_CODING: {
    fault: 'peer',
    zh: ['编码为“{coding}”的内容无法读取。', '请不压缩发送，或使用 gzip、deflate、br、zstd。'],
    en: [
      'a body in the coding "{coding}" cannot be read.',
      'Send it uncompressed, or in gzip, deflate, br or zstd.',
    ],
  },
  BROKER_CLOSED: {
    fault: 'peer',
    zh: ['{url} 关闭了连接{reason}。', '请查看消息服务器的日志。'],
    en: ['{url} closed the connection{reason}.', "See the broker's log."],
  },
  BROKER_ID_TAKEN: {
    fault: 'peer',
    zh: [
      '{url} 把连接交给了另一台同编号设备（原因 0x8E）。',
      '另一台主机或程序在使用本机编号：请关掉其中一个。',
    ],
    en: [
      '{url} gave the connection to another client of the same id (reason 0x8E).',
      "Another box or program uses this box's id: switch one of them off.",
    ],
  },
  BROKER_KICKS: {
    fault: 'peer',
    zh: [
      '消息服务器连续 {times} 次关闭了连接，每次都在 {seconds} 秒之内。',
      '看来有另一台主机或程序在使用本机编号；请同时查看消息服务器的日志。',
    ],
    en: [
      'the broker has closed the connection {times} times in a row, each within {seconds} s.',
      "It looks as if another box or program used this box's id; see also the broker's log.",
    ],
  },
  BROKER_LOGIN_REFUSED: {
    fault: 'input',
    zh: [
      '{url} 拒绝登录（{reason}）。',
      '请检查“uplink”下的“username”和“password”，以及消息服务器授予的权限。',
    ],
    en: [
      '{url} refused the login ({reason}).',
      'Check "username" and "password" below "uplink" and the rights that the broker grants.',
    ],
  },
  BROKER_PACKET_LIMIT: {
    fault: 'peer',
    zh: ['{url} 最多接收 {most} 字节的数据，事件需要 {needed}。', '请调高其上限。'],
    en: ['{url} takes packets up to {most} bytes, events need {needed}.', 'Raise its limit.'],
  },
  BROKER_PACKET_TOO_LONG: {
    fault: 'peer',
    zh: ['{url} 发来超过 {limit} 字节的数据。', '请查明谁在向本主机的主题发布。'],
    en: ['{url} sent a packet over {limit} bytes.', "See who publishes to this box's topics."],
  },
  BROKER_PROTOCOL: {
    fault: 'peer',
    zh: ['{url} 使用的不是 MQTT（{reason}）。', '请检查地址和端口。'],
    en: ['{url} does not speak MQTT ({reason}).', 'Check the address and port.'],
  },
  BROKER_REFUSED: {
    fault: 'peer',
    zh: ['{url} 拒绝连接（{reason}）。', '请查看消息服务器的日志。'],
    en: ['{url} refused the connection ({reason}).', "See the broker's log."],
  },
  BROKER_SILENT: {
    fault: 'peer',
    zh: ['{url} 没有应答（{reason}）。', '请确认那里运行着 MQTT 服务器。'],
    en: ['{url} does not answer ({reason}).', 'Check that an MQTT broker runs there.'],
  },
  'BROKER_SILENT/quiet': {
    fault: 'peer',
    zh: ['{url} 没有应答（{what}）。', '请检查网络，以及那里是否运行着 MQTT 服务器。'],
    en: ['{url} does not answer ({what}).', 'Check the network and that an MQTT broker runs there.'],
  },
  BROKER_UNREACHABLE: {
    fault: 'environment',
    zh: ['无法连接 {url}（{reason}）。', '请检查网络、地址，以及消息服务器是否运行。'],
    en: ['cannot reach {url} ({reason}).', 'Check the network, the address and that the broker runs.'],
  },
  MEDIA_BUSY: {
    fault: 'peer',
    zh: ['{url} 的应答是 {status}。', '请查看图片服务器的日志；会再试。'],
    en: ['{url} answered {status}.', "See the media server's log; it is tried again."],
  },
  MEDIA_CONTENT_REFUSED: {
    fault: 'peer',
    zh: ['{url} 拒收一张图片。', '会再试；请查看图片服务器的日志。'],
    en: ['{url} refuses a picture.', "It is tried again; see the media server's log."],
  },
  MEDIA_JOB_INVALID: {
    fault: 'peer',
    zh: ['runtime 对 /media 的应答不是图片。', '请确认 runtime 与 sync 是同一版本。'],
    en: [
      'runtime answered /media with something that is no picture.',
      'Check that runtime and sync are of one version.',
    ],
  },
  MEDIA_LOGIN_REFUSED: {
    fault: 'input',
    zh: ['{url} 拒绝本机（{status}）。', '请检查“uplink.media”下的“token”和“tls”。'],
    en: ['{url} refuses this box ({status}).', 'Check "token" and "tls" below "uplink.media".'],
  },
  MEDIA_NO_DIGEST: {
    fault: 'peer',
    zh: [
      '{url} 的应答是 {status}，但没有图片的摘要。',
      '它收齐图片后，对 HEAD 必须以 Repr-Digest: sha-256=:…: 应答，之前以 404 应答。',
    ],
    en: [
      '{url} answers {status} without the digest of the picture.',
      'It must answer HEAD with Repr-Digest: sha-256=:…: once it holds the picture, and with 404 before.',
    ],
  },
  MEDIA_REDIRECT: {
    fault: 'input',
    zh: ['{url} 重定向（{status}），不予跟随。', '请把最终地址写入“uplink.media.url”。'],
    en: [
      '{url} redirects ({status}), which is not followed.',
      'Put the final address into "uplink.media.url".',
    ],
  },
  MEDIA_REFUSED: {
    fault: 'input',
    zh: ['{url} 的应答是 {status}。', '请检查“uplink.media.url”和图片服务器。'],
    en: ['{url} answered {status}.', 'Check "uplink.media.url" and the media server.'],
  },
  MEDIA_SILENT: {
    fault: 'peer',
    zh: ['{url} 在 {seconds} 秒内没有应答。', '请检查图片服务器和网络。'],
    en: ['{url} did not answer within {seconds} s.', 'Check the media server and the link.'],
  },
  MEDIA_STOPPED: {
    fault: 'environment',
    zh: ['服务正在停止。', ''],
    en: ['the service stops.', ''],
  },
  MEDIA_STUCK: {
    fault: 'peer',
    zh: [
      '{url} 接收图片的各部分，但已收到的量不增加。',
      '请检查图片服务器：Upload-Offset 必须增长，Repr-Digest 必须随之更新。',
    ],
    en: [
      '{url} takes parts of a picture and never has more of it.',
      'Check the media server: its Upload-Offset must grow, and its Repr-Digest must follow.',
    ],
  },
  MEDIA_UNREACHABLE: {
    fault: 'environment',
    zh: ['无法连接 {url}（{reason}）。', '请检查网络、“uplink.media.url”，以及图片服务器是否运行。'],
    en: [
      'cannot reach {url} ({reason}).',
      'Check the network, "uplink.media.url" and that the media server runs.',
    ],
  },
  OUTBOX_BATCH_INVALID: {
    fault: 'peer',
    zh: [
      'runtime 对 {after} 之后 {eventclass} 类事件的应答不是一批事件。',
      '请确认 runtime 与 sync 是同一版本。',
    ],
    en: [
      'runtime answered a pull of {eventclass} events after {after} with something that is no batch.',
      'Check that runtime and sync are of one version.',
    ],
  },
  OUTBOX_DISORDER: {
    fault: 'bug',
    zh: [
      'runtime 给出的 {eventclass} {sequence} 落后于 {before}。',
      '请连同 runtime 和 sync 的日志一起上报。',
    ],
    en: [
      'runtime gave {eventclass} {sequence} behind {before}.',
      'Report it with the logs of runtime and sync.',
    ],
  },
  UPLINK_CERTIFICATE: {
    fault: 'environment',
    zh: ['{url} 的证书由本机不认识的机构签发（{reason}）。', '请把该机构放入“uplink.tls.ca”。'],
    en: [
      'the certificate of {url} is signed by an authority that this box does not know ({reason}).',
      'Put that authority into "uplink.tls.ca".',
    ],
  },
  'UPLINK_CERTIFICATE/early': {
    fault: 'environment',
    zh: ['{url} 的证书尚未生效（{reason}）。', '请校正本机的日期。'],
    en: ['the certificate of {url} is not valid yet ({reason}).', 'Set the date of this box.'],
  },
  'UPLINK_CERTIFICATE/expired': {
    fault: 'environment',
    zh: ['{url} 的证书已过期（{reason}）。', '请在那边续期，或校正本机的日期。'],
    en: ['the certificate of {url} has expired ({reason}).', 'Renew it there, or set the date of this box.'],
  },
  'UPLINK_CERTIFICATE/other-name': {
    fault: 'environment',
    zh: ['{url} 的证书属于另一个主机名（{reason}）。', '请把证书中的名称写入“uplink.url”。'],
    en: [
      'the certificate of {url} is for another host name ({reason}).',
      'Put the name that stands in the certificate into "uplink.url".',
    ],
  },
  'UPLINK_CERTIFICATE/self-signed': {
    fault: 'environment',
    zh: ['{url} 的证书是自签名的（{reason}）。', '请把它的签发机构放入“uplink.tls.ca”。'],
    en: [
      'the certificate of {url} is signed by itself ({reason}).',
      'Put its authority into "uplink.tls.ca".',
    ],
  },
  UPLINK_CERTIFICATE_REFUSED: {
    fault: 'input',
    zh: [
      '{url} 拒绝本机证书，或要求出示证书（{code}）。',
      '请检查“uplink.tls.cert”和“uplink.tls.key”，以及平台是否信任其签发机构。',
    ],
    en: [
      '{url} refuses the certificate of this box, or wants one ({code}).',
      'Check "uplink.tls.cert" and "uplink.tls.key", and that the platform trusts their authority.',
    ],
  },
  UPLINK_PLAINTEXT: {
    fault: 'input',
    zh: ['{url}：{message}。', '{remedy}。'],
    en: ['{url}: {message}.', '{remedy}.'],
  },
  UPLINK_TLS: {
    fault: 'environment',
    zh: ['无法与 {url} 建立 TLS 连接（{code}）。', '请确认该端口使用 TLS，并检查“uplink.tls”和本机的日期。'],
    en: [
      'no TLS connection to {url} ({code}).',
      'Check that TLS is spoken on that port, "uplink.tls", and the date of this box.',
    ],
  },
  UPLINK_TLS_FILE: {
    fault: 'input',
    zh: ['{file} 中没有{content}。', '请放入 PEM 文件。'],
    en: ['{file} does not hold {content}.', 'Put a PEM file there.'],
  },
  UPLINK_TLS_MISMATCH: {
    fault: 'input',
    zh: ['{key} 不是 {cert} 中证书的密钥。', '请在“uplink.tls”下放入配套的两个文件。'],
    en: [
      '{key} is not the key of the certificate in {cert}.',
      'Put the two that belong together below "uplink.tls".',
    ],
  },
  WEBHOOK_ANSWER: {
    fault: 'peer',
    zh: ['{url} 的应答超过 16 KiB。', '请只应答确认。'],
    en: ['{url} answers with more than 16 KiB.', 'Answer with acknowledgements alone.'],
  },
  'WEBHOOK_ANSWER/coding': {
    fault: 'peer',
    zh: ['{url}：{problem}', '{remedy}'],
    en: ['{url}: {problem}', '{remedy}'],
  },
  WEBHOOK_BUSY: {
    fault: 'peer',
    zh: ['{url} 的应答是 {status}。', '请查看平台的日志；会再试。'],
    en: ['{url} answered {status}.', "See the platform's log; it is tried again."],
  },
  WEBHOOK_LOGIN_REFUSED: {
    fault: 'input',
    zh: [
      '{url} 拒绝本机（{status}）。',
      '请检查“uplink”下的“token”、“signingSecret”和“tls”，以及本机的日期。',
    ],
    en: [
      '{url} refuses this box ({status}).',
      'Check "token", "signingSecret" and "tls" below "uplink", and the date of this box.',
    ],
  },
  WEBHOOK_NO_ACKNOWLEDGEMENT: {
    fault: 'peer',
    zh: ['{url} 的应答是 {status}，但没有说明保存了什么。', '它提交之后必须应答 {form}。'],
    en: [
      '{url} answered {status} without saying what it has stored.',
      'It must answer {form} after its commit.',
    ],
  },
  WEBHOOK_REDIRECT: {
    fault: 'input',
    zh: ['{url} 重定向（{status}），不予跟随。', '请把最终地址写入“uplink.url”。'],
    en: ['{url} redirects ({status}), which is not followed.', 'Put the final address into "uplink.url".'],
  },
  WEBHOOK_REFUSED: {
    fault: 'input',
    zh: ['{url} 的应答是 {status}。', '请检查“uplink.url”和平台。'],
    en: ['{url} answered {status}.', 'Check "uplink.url" and the platform.'],
  },
  WEBHOOK_REFUSES_ALL: {
    fault: 'peer',
    zh: [
      '{url} 接连拒收事件（{status}），或拒收代替它的事件。',
      '请改正平台：事件在等待。见平台日志与 Gatehouse 的数据结构。',
    ],
    en: [
      '{url} refuses one event after another ({status}), or what stands in for one.',
      "Correct the platform: the events wait. See its log and Gatehouse's schemas.",
    ],
  },
  WEBHOOK_SILENT: {
    fault: 'peer',
    zh: ['{url} 在 {seconds} 秒内没有应答。', '请检查平台，或调高“uplink.ackTimeoutS”。'],
    en: ['{url} did not answer within {seconds} s.', 'Check the platform, or raise "uplink.ackTimeoutS".'],
  },
  WEBHOOK_STOPPED: {
    fault: 'environment',
    zh: ['服务正在停止。', ''],
    en: ['the service stops.', ''],
  },
  WEBHOOK_UNREACHABLE: {
    fault: 'environment',
    zh: ['无法连接 {url}（{reason}）。', '请检查网络、地址，以及平台是否运行。'],
    en: ['cannot reach {url} ({reason}).', 'Check the network, the address and that the platform runs.'],
  },
});
