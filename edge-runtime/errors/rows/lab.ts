import { rows } from '../row.ts';

export const labErrors = rows({
  ALREADY_RUNNING: {
    fault: 'environment',
    zh: ['已有一台主机在 {folder} 上运行。', '请先停止它，或把 GATEHOUSE_STATE_DIR 设为别的目录。'],
    en: [
      'a box already runs on {folder}.',
      'Stop it first, or set GATEHOUSE_STATE_DIR to another directory.',
    ],
  },
  CLIPS_MISSING: {
    fault: 'input',
    zh: [
      '{clips} 中没有录像。',
      '请用 --clips 指定放有 NAME.mp4 和 NAME.labels.jsonl.gz 的文件夹；npm run sim -- render 可以生成。',
    ],
    en: [
      'there are no clips in {clips}.',
      'Name a folder with NAME.mp4 and NAME.labels.jsonl.gz with --clips; npm run sim -- render makes them.',
    ],
  },
  'CONSOLE_CANNOT_LISTEN/demo': {
    fault: 'environment',
    zh: ['控制台无法监听 {host}:{port}（{reason}）。', '请换一个端口启动：{variable}={other} npm start'],
    en: [
      'the console cannot listen on {host}:{port} ({reason}).',
      'Start with another port: {variable}={other} npm start',
    ],
  },
  'CONSOLE_PORT_TAKEN/demo': {
    fault: 'environment',
    zh: ['{host} 上的端口 {port} 已被其他程序占用。', '请换一个端口启动：{variable}={other} npm start'],
    en: [
      'port {port} on {host} is in use by another program.',
      'Start with another port: {variable}={other} npm start',
    ],
  },
  'CONSOLE_PORT_WRONG/demo': {
    fault: 'input',
    zh: ['{variable} “{text}”不是端口号。', '请设为 1–65535。'],
    en: ['{variable} "{text}" is no port number.', 'Set it to 1–65535.'],
  },
  DEMO_CLIP_MISSING: {
    fault: 'environment',
    zh: ['演示录像的说明文件 {file} 无法读取（{reason}）。', '{remedy}'],
    en: ["the demo clip's description {file} cannot be read ({reason}).", '{remedy}'],
  },
  'DEMO_CLIP_MISSING/clip': {
    fault: 'input',
    zh: ['演示录像 {file} 无法读取。', '{remedy}'],
    en: ['the demo clip {file} cannot be read.', '{remedy}'],
  },
  DEMO_CLIP_WRONG: {
    fault: 'environment',
    zh: ['演示录像的说明文件 {file} 不正确（{reason}）。', '{remedy}'],
    en: ["the demo clip's description {file} is not one ({reason}).", '{remedy}'],
  },
  MEDIA_MISSING: {
    fault: 'input',
    zh: [
      '没有给出带标注的素材。',
      '请把 GATEHOUSE_MEDIA_DIR 设为含有录像及其 labels/objects/*.json 的文件夹。',
    ],
    en: [
      'no labelled media are named.',
      'Set GATEHOUSE_MEDIA_DIR to a folder with clips and their labels/objects/*.json.',
    ],
  },
  RENDERED_MISSING: {
    fault: 'input',
    zh: [
      '没有给出渲染图片。',
      '请用 npm run sim -- dataset 生成，并用 --rendered 指定其文件夹，或使用 --quick。',
    ],
    en: [
      'no rendered pictures are named.',
      'Make some with npm run sim -- dataset and name the folder with --rendered, or use --quick.',
    ],
  },
  RENDERED_UNREADABLE: {
    fault: 'input',
    zh: ['{file} 中没有渲染图片的标注。', '请用此命令生成：npm run sim -- dataset'],
    en: ['{file} does not hold the labels of rendered pictures.', 'Make them with: npm run sim -- dataset'],
  },
  SCENARIO_INVALID: {
    fault: 'input',
    zh: ['{file}:{line}：{what}。', '请改正场景文件。'],
    en: ['{file}:{line}: {what}.', 'Correct the scenario file.'],
  },
  SCENARIO_MISSING: {
    fault: 'input',
    zh: [
      '无法读取场景 {file}（{reason}）。',
      '请给出 edge-runtime/lab/sim/scenarios 中的文件，或自己的文件。',
    ],
    en: [
      'cannot read scenario {file} ({reason}).',
      'Name a file of edge-runtime/lab/sim/scenarios, or one of your own.',
    ],
  },
  SCENARIO_UNDECIDED: {
    fault: 'input',
    zh: ['{what}。', '请把时间错开。'],
    en: ['{what}.', 'Move the times apart.'],
  },
  SCENARIO_UNKNOWN: {
    fault: 'input',
    zh: ['没有名为“{name}”的场景。', '{known}'],
    en: ['no scenario is called "{name}".', '{known}'],
  },
  SCENARIO_ZONE_UNSEEN: {
    fault: 'input',
    zh: ['场景 {scenario}：摄像机看不到 {place}。', '请换一台摄像机或换一个地点。'],
    en: ['scenario {scenario}: its camera does not see {place}.', 'Choose another camera or another place.'],
  },
  SIM_ENCODER_FAILED: {
    fault: 'environment',
    zh: ['ffmpeg 无法写出录像：{reason}', '请检查磁盘空间和输出文件夹。'],
    en: ['ffmpeg could not write the clip: {reason}', 'Check free space and the output folder.'],
  },
  SIM_NO_CHROMIUM: {
    fault: 'environment',
    zh: [
      '缺少 {path}；模拟小区要用它绘制。',
      '请安装：apt-get install -y --no-install-recommends chromium fonts-noto-cjk',
    ],
    en: [
      '{path} is missing; the simulated compound is drawn with it.',
      'Install it: apt-get install -y --no-install-recommends chromium fonts-noto-cjk',
    ],
  },
  SIM_NO_CLIP: {
    fault: 'input',
    zh: ['没有录像 {video}。', '请生成：npm run sim -- render {name} --out {folder}'],
    en: ['there is no clip {video}.', 'Make it: npm run sim -- render {name} --out {folder}'],
  },
  SIM_NO_FFMPEG: {
    fault: 'environment',
    zh: [
      '缺少带 libx264 的 ffmpeg；录像要用它编码。',
      '请安装：apt-get install -y --no-install-recommends ffmpeg',
    ],
    en: [
      'ffmpeg with libx264 is missing; clips are encoded with it.',
      'Install it: apt-get install -y --no-install-recommends ffmpeg',
    ],
  },
  SIM_USAGE: {
    fault: 'input',
    zh: ['{problem}', '见：npm run sim -- --help'],
    en: ['{problem}', 'See: npm run sim -- --help'],
  },
  SPLIT_UNKNOWN: {
    fault: 'input',
    zh: ['没有名为“{split}”的划分。', '请使用 held-out 或 train。'],
    en: ['there is no split "{split}".', 'Use held-out or train.'],
  },
  TRAINING_STEP_FAILED: {
    fault: 'environment',
    zh: ['{command} 以 {code} 结束。', '原因见它上面的输出。'],
    en: ['{command} ended with {code}.', 'What it wrote above says why.'],
  },
  'USAGE/scenarios': {
    fault: 'input',
    zh: ['选项的取值不正确。', '用法：{usage}'],
    en: ['unknown option value.', 'Use: {usage}'],
  },
});
