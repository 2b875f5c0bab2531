import { rows } from '../row.ts';

export const modelsErrors = rows({
  MODEL_CACHE_UNWRITABLE: {
    fault: 'environment',
    zh: [
      '模型 {model} 无法写入 {file}（{reason}）。',
      '请在 {folder} 清出空间并让本用户可写，或设置 GATEHOUSE_STATE_DIR。',
    ],
    en: [
      'model {model} cannot be written to {file} ({reason}).',
      'Free space in {folder} and make it writable for this user, or set GATEHOUSE_STATE_DIR.',
    ],
  },
  'MODEL_CACHE_UNWRITABLE/file': {
    fault: 'environment',
    zh: ['{file} 无法写入（{reason}）。', '请在 {folder} 清出空间并让本用户可写。'],
    en: [
      '{file} cannot be written ({reason}).',
      'Free space in {folder} and make it writable for this user.',
    ],
  },
  MODEL_CORRUPT: {
    fault: 'environment',
    zh: ['{place} 不是模型 {model}：应为 SHA-256 {sha256}（{bytes} 字节），实际是 {found}。', '{remedy}'],
    en: [
      '{place} is not the model {model}: expected SHA-256 {sha256} ({bytes} bytes), found {found}.',
      '{remedy}',
    ],
  },
  MODEL_DERIVE_FAILED: {
    fault: 'input',
    zh: ['模型不能改为可变输入尺寸：{reason}', '请使用目录中指定的文件。'],
    en: ['the model cannot get a free input size: {reason}', 'Use the file that the catalogue names.'],
  },
  MODEL_DERIVE_MISMATCH: {
    fault: 'bug',
    zh: [
      '由 {base} 转换的 {model} 的 SHA-256 是 {found}，目录中是 {sha256}。',
      '请安装锁定版本的 protobufjs（npm ci）；其他版本写字段的顺序可能不同。',
    ],
    en: [
      '{model} made from {base} has SHA-256 {found}, the catalogue says {sha256}.',
      'Install the locked version of protobufjs (npm ci); another one may write fields in another order.',
    ],
  },
  MODEL_FETCH_FAILED: {
    fault: 'peer',
    zh: [
      '无法从 {url} 下载模型 {model}（{reason}）。',
      '请检查互联网连接，或把 {file} 放入一个文件夹并用 GATEHOUSE_MODEL_MIRROR 指定。',
    ],
    en: [
      'model {model} cannot be fetched from {url} ({reason}).',
      'Check the way to the internet, or put {file} into a folder and name it in GATEHOUSE_MODEL_MIRROR.',
    ],
  },
  MODEL_MISSING: {
    fault: 'environment',
    zh: [
      '本主机上没有模型 {model}（{file}）；找过 {places}。',
      '请运行：npm run gatehouse -- models fetch {model}，或用 GATEHOUSE_MODEL_MIRROR 指定放有它的文件夹。',
    ],
    en: [
      'model {model} ({file}) is not on this box; looked in {places}.',
      'Run: npm run gatehouse -- models fetch {model}, or name a folder that holds it in GATEHOUSE_MODEL_MIRROR.',
    ],
  },
  'MODEL_MISSING/file': {
    fault: 'environment',
    zh: ['无法从 {file} 读取模型 {model}（{reason}）。', '{remedy}'],
    en: ['model {model} cannot be read from {file} ({reason}).', '{remedy}'],
  },
  MODEL_NOT_DERIVED: {
    fault: 'input',
    zh: ['{model} 按原样使用，不需要转换。', '需要转换的模型：{known}。其余请用“models fetch”。'],
    en: [
      '{model} is taken as it is, not derived.',
      'Derived models: {known}. Use "models fetch" for the others.',
    ],
  },
  MODEL_TASK: {
    fault: 'input',
    zh: [
      '模型 {model} 识别的是 {task}，不是目标。',
      '请指定识别目标的模型：npm run gatehouse -- models list 会列出。',
    ],
    en: [
      'model {model} finds {task}, not objects.',
      'Name a model for objects: npm run gatehouse -- models list shows them.',
    ],
  },
  MODEL_UNKNOWN: {
    fault: 'input',
    zh: ['没有名为“{name}”的模型。', '{known}'],
    en: ['no model is called "{name}".', '{known}'],
  },
  MODEL_UNLOADABLE: {
    fault: 'environment',
    zh: [
      'ONNX Runtime 无法从 {file} 加载 {model}（{reason}）。',
      '请检查可用内存，以及安装的 onnxruntime-node 是否为锁定版本。',
    ],
    en: [
      'ONNX Runtime cannot load {model} from {file} ({reason}).',
      'Check free memory and that the installed onnxruntime-node is the locked version.',
    ],
  },
  MODEL_UNREADABLE: {
    fault: 'environment',
    zh: ['无法从 {file} 读取模型 {model}（{reason}）。', '请让本用户可以读取 {file}，或删除它。'],
    en: [
      'model {model} cannot be read from {file} ({reason}).',
      'Make {file} a file that this user may read, or delete it.',
    ],
  },
});
