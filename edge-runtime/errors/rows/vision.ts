import { rows } from '../row.ts';

export const visionErrors = rows({
  CAMERA_BASIC_REFUSED: {
    fault: 'peer',
    zh: [
      '摄像机只接受明文密码（Basic），所以没有发送密码。',
      '请把摄像机设为 digest，或使用 rtsps://。也可以在站点文件中为该摄像机写 "basic: true" 来允许。',
    ],
    en: [
      'the camera accepts its password in clear only (Basic), so the password was not sent.',
      'Set the camera to digest or use rtsps://. Or allow it: "basic: true" at this camera in the site file.',
    ],
  },
  CAMERA_ELSEWHERE: {
    fault: 'peer',
    zh: [
      '{what}指向另一个主机或端口（{named}）。',
      '如果它是路由器或录像机后面的同一台摄像机，请把该主机加入站点文件的“alsoKnownAs”。',
    ],
    en: [
      '{what} names another host or port ({named}).',
      'If it is the same camera behind a router or recorder, add that host to "alsoKnownAs" in the site file.',
    ],
  },
  CAMERA_GARBAGE: {
    fault: 'peer',
    zh: ['摄像机地址的应答不是 RTSP（{reason}）。', '请改正站点文件中的地址；摄像机通常监听 554 端口。'],
    en: [
      "the camera's address does not answer in RTSP ({reason}).",
      'Correct the address in the site file; a camera usually listens at port 554.',
    ],
  },
  CAMERA_NAMES_BUSY: {
    fault: 'environment',
    zh: ['已有 {most} 个请求在等待。', '请一秒后再试。'],
    en: ['{most} requests already wait.', 'Ask again in a second.'],
  },
  CAMERA_STARTING: {
    fault: 'environment',
    zh: ['摄像机 {camera} 现在没有画面。', '请在它恢复后再试。'],
    en: ['camera {camera} delivers no picture now.', 'Try again when it is back.'],
  },
  CAMERA_TLS: {
    fault: 'peer',
    zh: [
      '无法与摄像机建立安全连接（{reason}）。',
      '请确认摄像机以 TLS 1.2 或更高版本提供 rtsps://，并检查站点文件中的“certificate”。',
    ],
    en: [
      'no secure connection to the camera ({reason}).',
      'Check that the camera serves rtsps:// with TLS 1.2 or later, and its "certificate" in the site file.',
    ],
  },
  CAMERA_UDP_ONLY: {
    fault: 'peer',
    zh: [
      '摄像机不肯通过 RTSP 连接发送视频（461）。',
      '请在摄像机中允许 RTP over TCP（RTSP interleaved）；不接收 UDP 视频。',
    ],
    en: [
      'the camera refuses to send its stream over the RTSP connection (461).',
      'Allow RTP over TCP (RTSP interleaved) in the camera; pictures over UDP are not taken.',
    ],
  },
  CAMERA_UNREACHABLE: {
    fault: 'peer',
    zh: ['无法连接摄像机（{reason}）。', '请检查其电源、线路和地址。'],
    en: ['the camera cannot be reached ({reason}).', 'Check its power, cable and address.'],
  },
  CLIP_BUSY: {
    fault: 'environment',
    zh: ['已有 {most} 个请求在等待。', '请一秒后再试。'],
    en: ['{most} requests already wait.', 'Ask again in a second.'],
  },
  CLIP_FAILED: {
    fault: 'peer',
    zh: ['摄像机 {camera} 的这段录像无法复制。', '请换一段；如果反复出现，请检查摄像机。'],
    en: [
      'the stretch of camera {camera} could not be copied.',
      'Ask for another one; if it keeps on, check the camera.',
    ],
  },
  CLIP_MISSING: {
    fault: 'input',
    zh: ['无法读取录像 {file}（{what}）。', '请给出存在且可读的视频文件。'],
    en: ['cannot read the clip {file} ({what}).', 'Name a video file that exists and may be read.'],
  },
  CLIP_NOT_FOUND: {
    fault: 'input',
    status: 404,
    zh: [
      '摄像机 {camera} 的缓存中没有那个时间的内容。',
      '请早些请求，或加长缓存（站点文件中的 cameras[].ring.seconds）。',
    ],
    en: [
      'camera {camera} has nothing of that time in its ring.',
      'Ask sooner, or let the ring be longer (cameras[].ring.seconds in the site file).',
    ],
  },
  CLIP_TOO_LONG: {
    fault: 'input',
    zh: ['一段录像最长 {seconds} 秒。', '请取短一些的时间段。'],
    en: ['a clip may be {seconds} s at most.', 'Ask for a shorter stretch.'],
  },
  CLIP_UNREADABLE: {
    fault: 'input',
    zh: ['{file} 中没有能解码的视频{reason}。', '请给出视频文件，例如 H.264 或 H.265 的 MP4 或 Matroska。'],
    en: [
      '{file} holds no video that can be decoded{reason}.',
      'Give a video file such as MP4 or Matroska with H.264 or H.265.',
    ],
  },
  DECODER_OUT_OF_STEP: {
    fault: 'bug',
    zh: ['ffmpeg 发来一帧但没有时间。', '请查看日志；解码器会重新启动。'],
    en: ['ffmpeg sent a frame without its time.', 'See the log; the decoder starts again.'],
  },
  DETECTOR_FAILED: {
    fault: 'bug',
    zh: ['{reason}', '请查看 vision 服务的日志。'],
    en: ['{reason}', 'See the log of the vision service.'],
  },
  DETECTOR_LOST: {
    fault: 'bug',
    zh: ['识别程序意外停止（{reason}）。', '它会自动重启；如果反复出现，请查看日志。'],
    en: [
      "the detector's worker was lost ({reason}).",
      'It starts again by itself; if it keeps on, see the log.',
    ],
  },
  DETECTOR_RECYCLED: {
    fault: 'environment',
    zh: ['识别程序正在更换。', '无需处理；几秒内恢复。'],
    en: ["the detector's worker is replaced.", 'Nothing is to be done; it is back within seconds.'],
  },
  FFMPEG_MISSING: {
    fault: 'environment',
    zh: ['无法启动 ffmpeg（{reason}）。', '请安装：apt-get install ffmpeg。'],
    en: ['cannot start ffmpeg ({reason}).', 'Install it: apt-get install ffmpeg.'],
  },
  FRAME_TIME_INVALID: {
    fault: 'input',
    zh: ['{field}：{problem}。', '请改正请求；各接口的参数见 contracts/local/README.md。'],
    en: ['{field}: {problem}.', 'Correct the request; contracts/local/README.md lists what each takes.'],
  },
  HARDWARE_DECODE_REFUSED: {
    fault: 'environment',
    zh: [
      '硬件解码 {method} 不能解码 {streams}；改用软件解码。',
      '请把这些摄像机设为 8 位的 H.264 或 H.265，尺寸为 GPU 支持的大小，或把 vision.hardwareDecode 设为 none；然后重启 vision 服务。',
    ],
    en: [
      'hardware decode {method} cannot decode {streams}; software does.',
      'Set these cameras to H.264 or H.265 with 8 bits and a size that the GPU takes, or set vision.hardwareDecode to none; then start the vision service again.',
    ],
  },
  HARDWARE_DECODE_UNAVAILABLE: {
    fault: 'environment',
    zh: [
      '硬件解码 {method} 找不到设备；摄像机改用软件解码。',
      '请安装其 GPU 的驱动，并让服务可以使用它（systemd/README.md），或把 vision.hardwareDecode 设为 none；然后重启 vision 服务。',
    ],
    en: [
      'hardware decode {method} finds no device; cameras are decoded in software.',
      'Install the driver of its GPU and let the service use it (systemd/README.md), or set vision.hardwareDecode to none; then start the vision service again.',
    ],
  },
  'HARDWARE_DECODE_UNAVAILABLE/cuda': {
    fault: 'environment',
    zh: [
      '硬件解码 {method} 找不到设备；摄像机改用软件解码。',
      '请安装带 libcuda 和 libnvcuvid 的 NVIDIA 驱动，并让服务可以使用 /dev/nvidia*（systemd/README.md），或把 vision.hardwareDecode 设为 none；然后重启 vision 服务。',
    ],
    en: [
      'hardware decode {method} finds no device; cameras are decoded in software.',
      "Install NVIDIA's driver with libcuda and libnvcuvid and let the service use /dev/nvidia* (systemd/README.md), or set vision.hardwareDecode to none; then start the vision service again.",
    ],
  },
  'HARDWARE_DECODE_UNAVAILABLE/vaapi': {
    fault: 'environment',
    zh: [
      '硬件解码 {method} 找不到设备；摄像机改用软件解码。',
      '请安装 GPU 的 VA-API 驱动，并让服务可以使用 /dev/dri/renderD128（systemd/README.md），或把 vision.hardwareDecode 设为 none；然后重启 vision 服务。',
    ],
    en: [
      'hardware decode {method} finds no device; cameras are decoded in software.',
      "Install the GPU's VA-API driver and let the service use /dev/dri/renderD128 (systemd/README.md), or set vision.hardwareDecode to none; then start the vision service again.",
    ],
  },
  LIVE_VIEW_BUSY: {
    fault: 'environment',
    zh: ['已有 {most} 台摄像机在实时观看。', '请关闭另一台摄像机的实时画面。'],
    en: ['{most} cameras are being watched already.', 'Close the live view of another camera.'],
  },
  MODEL_INPUT_SIZE: {
    fault: 'input',
    zh: ['模型 {model} 不接受 {width}x{height} 像素。', '两边都必须是 {multiple} 的倍数，最大 2048。'],
    en: [
      'model {model} does not take {width}x{height} pixels.',
      'Both sides must be multiples of {multiple}, at most 2048.',
    ],
  },
  'MODEL_INPUT_SIZE/fixed': {
    fault: 'input',
    zh: ['模型 {model} 不接受 {width}x{height} 像素。', '它只接受 {onlyWidth}x{onlyHeight}。'],
    en: ['model {model} does not take {width}x{height} pixels.', 'It takes {onlyWidth}x{onlyHeight} only.'],
  },
  MODEL_UNAVAILABLE: {
    fault: 'bug',
    zh: ['{reason}', '请查看日志。'],
    en: ['{reason}', 'See the log.'],
  },
  ONNX_TELEMETRY_ON: {
    fault: 'bug',
    zh: [
      '工作线程不得加载 ONNX Runtime：本进程中它的遥测是开着的。',
      '请在启动该线程的线程中导入 @gatehouse/onnx/telemetry-off，或设置 ORT_DISABLE_TELEMETRY=1。',
    ],
    en: [
      'a worker thread may not load ONNX Runtime: its telemetry is on in this process.',
      'Import @gatehouse/onnx/telemetry-off in the thread that starts it, or set ORT_DISABLE_TELEMETRY=1.',
    ],
  },
  PROVIDER_UNAVAILABLE: {
    fault: 'environment',
    zh: [
      '推理后端 {provider} 无法使用（{reason}）；模型在 CPU 上运行。',
      '请安装它的库（models/README.md），或把 vision.executionProvider 设为 cpu；然后重启 vision 服务。',
    ],
    en: [
      'execution provider {provider} cannot be used ({reason}); models run on the CPU.',
      'Install its libraries (models/README.md) or set vision.executionProvider to cpu; then start the vision service again.',
    ],
  },
  REDACTION_BUSY: {
    fault: 'environment',
    zh: ['已有 {most} 个请求在等待。', '请一秒后再试。'],
    en: ['{most} requests already wait.', 'Ask again in a second.'],
  },
  REDACTION_CROWD: {
    fault: 'input',
    zh: [
      '画面中有 {faces} 张人脸、{persons} 个人；超过 {most} 人的图片不外发。',
      '见站点文件中的“uplink.media.maxPeople”。',
    ],
    en: [
      '{faces} faces and {persons} people are seen; pictures of more than {most} stay.',
      'See "uplink.media.maxPeople" in the site file.',
    ],
  },
  REDACTION_FAILED: {
    fault: 'environment',
    zh: ['一张图片无法打码（{reason}）。', '图片留在主机上；请查看 vision 服务的日志。'],
    en: [
      'a picture could not be redacted ({reason}).',
      'The picture stays on the box; see the log of the vision service.',
    ],
  },
  'REDACTION_FAILED/unexpected': {
    fault: 'bug',
    zh: ['{reason}', '请查看 vision 服务的日志。'],
    en: ['{reason}', 'See the log of the vision service.'],
  },
  REDACTION_INCOMPLETE: {
    fault: 'environment',
    zh: ['打码 {rounds} 轮之后仍能看到疑似人脸。', '图片留在主机上，可在控制台查看。'],
    en: [
      'something like a face still shows after {rounds} rounds of filling.',
      'The picture stays on the box, where the console shows it.',
    ],
  },
  REDACTION_REQUEST: {
    fault: 'input',
    zh: ['{field}：{problem}。', '请改正请求；各接口的参数见 contracts/local/README.md。'],
    en: ['{field}: {problem}.', 'Correct the request; contracts/local/README.md lists what each takes.'],
  },
  'REDACTION_REQUEST/body': {
    fault: 'input',
    zh: ['请求的内容不是 {type}。', '请发送 {type}。'],
    en: ['the body is not {type}.', 'Send {type}.'],
  },
  REDACTION_TIMEOUT: {
    fault: 'environment',
    zh: ['一张图片的打码超过 {seconds} 秒。', '图片留在主机上；请查看是什么占用了处理器。'],
    en: [
      'the redaction of a picture took more than {seconds} s.',
      'The picture stays on the box; see what keeps its processor busy.',
    ],
  },
  REDACTION_TOO_LARGE: {
    fault: 'environment',
    zh: ['打码后的图片超过 {bytes} 字节。', '图片留在主机上，可在控制台查看。'],
    en: ['the redacted picture is over {bytes} bytes.', 'It stays on the box, where the console shows it.'],
  },
  STILL_BUSY: {
    fault: 'environment',
    zh: ['已有 {most} 个请求在等待。', '请一秒后再试。'],
    en: ['{most} requests already wait.', 'Ask again in a second.'],
  },
  STILL_FAILED: {
    fault: 'peer',
    zh: ['摄像机 {camera} 的图片无法解码。', '请换一个时间；如果反复出现，请检查摄像机。'],
    en: [
      'the picture of camera {camera} did not decode.',
      'Ask for another time; if it keeps on, check the camera.',
    ],
  },
  STILL_NOT_FOUND: {
    fault: 'input',
    status: 404,
    zh: ['摄像机 {camera} 的缓存中没有{when}的图片。', '请在该帧之后半分钟内、摄像机有画面时请求。'],
    en: [
      'camera {camera} has no picture {when} in its ring.',
      'Ask within half a minute of the frame, while the camera delivers.',
    ],
  },
  STILL_UNREADABLE: {
    fault: 'input',
    zh: ['图片无法解码（{reason}）。', '不会发送；如果反复出现，请检查磁盘。'],
    en: ['the picture does not decode ({reason}).', 'Nothing is sent of it; check the disk if it keeps on.'],
  },
  STREAM_FORM_UNKNOWN: {
    fault: 'input',
    zh: ['{field}：{problem}。', '请改正请求；各接口的参数见 contracts/local/README.md。'],
    en: ['{field}: {problem}.', 'Correct the request; contracts/local/README.md lists what each takes.'],
  },
});
