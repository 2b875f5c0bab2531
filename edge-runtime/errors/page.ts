import { statusByFault } from './error-of.ts';
import { faultWords } from './fault-words.ts';
import type { Fault } from './gatehouse-error.ts';
import { healthLines } from './health-line.ts';
import { codeOf, type Line, type Row } from './row.ts';
import { errorParts } from './table.ts';

const titles: Readonly<Record<keyof typeof errorParts, string>> = {
  kit: '通用 · Common',
  databases: '数据库 · Databases',
  site: '站点文件与请求 · Site file and requests',
  drivers: '门控 · Doors',
  vision: '视频 · Vision',
  models: '识别模型 · Models',
  runtime: 'runtime 服务 · Runtime',
  store: '事件数据库 · Event store',
  console: '控制台 · Console',
  flows: '流程 · Flows',
  uplink: '到平台的连接 · Link to the platform',
  receiver: '平台接收端 · Receiver of the platform',
  cli: '命令行 · Command line',
  lab: '演示与模拟 · Demo and simulator',
};

const whose: Readonly<Record<Fault, string>> = {
  input: '请求方 · the request',
  environment: '主机环境 · the host',
  peer: '对方 · the peer',
  bug: '软件 · the software',
};

const head = `# 错误代码 · Error codes

Generated from the error table by \`node edge-runtime/errors/write-page.ts\`; a test compares it. \`{name}\` stands for a value.
The HTTP status is the one of a local API or of the console.

本页由错误表生成。\`{name}\` 表示实际的值。HTTP 状态是本机接口或控制台的应答状态。
`;

/** The page of all errors, in Markdown. */
export function errorPage(): string {
  const parts = Object.entries(errorParts).map(([name, part]) => {
    const rows = Object.entries<Row>(part).toSorted(([a], [b]) => (a < b ? -1 : 1));
    return [
      `\n## ${titles[name as keyof typeof errorParts]}\n`,
      '| 代码 Code | 谁的问题 Whose | HTTP | 中文 | English |\n|---|---|---|---|---|',
      ...rows.map(([key, row]) => rowLine(key, row)),
    ].join('\n');
  });
  const faults = [
    '\n## 健康异常 · Faults of health\n',
    'What the health of a service names, beside the errors above. 除上述错误外，服务健康状态中的异常。\n',
    table(faultWords),
    '\n## 健康状态的说明 · Lines of health\n',
    'Faults and notes with their values, as `doctor` shows them. 带实际值的异常和提示，见 `doctor`。\n',
    table(healthLines),
  ].join('\n');
  return `${[head.trimEnd(), ...parts, faults].join('\n')}\n`;
}

function table(lines: Readonly<Record<string, Line>>): string {
  const rows = Object.entries(lines).map(
    ([key, { zh, en }]) => `| \`${codeOf(key)}\` | ${cell(zh)} | ${cell(en)} |`,
  );
  return ['| 代码 Code | 中文 | English |\n|---|---|---|', ...rows].join('\n');
}

function rowLine(key: string, { fault, status, zh, en }: Row): string {
  const words = [zh, en].map((two) => cell(two.join(' ').trim()));
  return `| \`${codeOf(key)}\` | ${whose[fault]} | ${status ?? statusByFault[fault]} | ${words.join(' | ')} |`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}
