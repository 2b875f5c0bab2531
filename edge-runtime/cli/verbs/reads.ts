import { runtimeForCli } from '@gatehouse/contracts';
import { errorOf } from '@gatehouse/kit';
import { apiClient } from '@gatehouse/local-api';
import { texts } from '../texts.ts';
import { readArgs, required, type Verb } from '../verb.ts';
import { changeLine, incidentLine } from './incident-lines.ts';

const said = texts({
  'no-code': {
    zh: '主机已有管理员，没有有效的一次性代码。',
    en: 'The box has an administrator; no code is valid.',
  },
});

const runtime = () => apiClient(runtimeForCli);

/** `2026-11-23T03:00:00Z`, or a span back from now: `30m`, `12h`, `7d`. */
export function sinceInstant(text: string, nowMs: number): string {
  const span = /^(\d{1,5})([mhd])$/.exec(text);
  if (span) {
    const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000 }[span[2] as 'm' | 'h' | 'd'];
    return new Date(nowMs - Number(span[1]) * unitMs).toISOString();
  }
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw errorOf('USAGE/since', { text });
  return new Date(ms).toISOString();
}

export function events(nowMs: () => number): Verb {
  return {
    usage: 'events --since T [--json]',
    summary: {
      zh: '从某一时刻（RFC 3339）或某段时间以来（30m、12h、7d）的事件变化，通过 runtime 读取',
      en: 'incident changes since an instant (RFC 3339) or a span back (30m, 12h, 7d), read through the runtime',
    },
    async run(args, output) {
      const { values } = readArgs('events', args, { since: 'string' });
      const since = sinceInstant(required(values.since, 'events', 'since'), nowMs());
      const changes = await runtime().call('changes', { query: { since, limit: 10_000 } });
      for (const change of changes)
        output.line(values.json ? JSON.stringify(change) : changeLine(change, output.language));
      return 0;
    },
  };
}

export const incidents: Verb = {
  usage: 'incidents [--open] [--json]',
  summary: {
    zh: '事件，最新的在前，通过 runtime 读取',
    en: 'incidents, newest first, read through the runtime',
  },
  async run(args, output) {
    const { values } = readArgs('incidents', args, { open: 'boolean' });
    const query = { limit: 10_000, ...(values.open ? { open: 'true' as const } : {}) };
    const list = await runtime().call('incidents', { query });
    for (const incident of list)
      output.line(values.json ? JSON.stringify(incident) : incidentLine(incident, output.language));
    return 0;
  },
};

export const setupCode: Verb = {
  usage: 'setup-code [--json]',
  summary: {
    zh: '创建第一个管理员用的一次性代码；已有管理员时没有',
    en: 'the one-time code for the first administrator, while there is none',
  },
  async run(args, output) {
    const { values } = readArgs('setup-code', args, {});
    const { code } = await runtime().call('setupCode');
    if (values.json) output.line(JSON.stringify({ code }));
    else output.line(code ?? said(output.language, 'no-code'));
    return code ? 0 : 1;
  },
};
