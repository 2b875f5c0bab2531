import { type Incident, type IncidentChange, runtimeForCli } from '@gatehouse/contracts';
import { errorOf } from '@gatehouse/kit';
import { apiClient } from '@gatehouse/local-api';
import { readArgs, required, type Verb } from '../verb.ts';

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
    summary:
      'incident changes since an instant (RFC 3339) or a span back (30m, 12h, 7d), read through the runtime',
    async run(args, output) {
      const { values } = readArgs('events', args, { since: 'string' });
      const since = sinceInstant(required(values.since, 'events', 'since'), nowMs());
      const changes = await runtime().call('changes', { query: { since, limit: 10_000 } });
      for (const change of changes) output.line(values.json ? JSON.stringify(change) : changeLine(change));
      return 0;
    },
  };
}

export const incidents: Verb = {
  usage: 'incidents [--open] [--json]',
  summary: 'incidents, newest first, read through the runtime',
  async run(args, output) {
    const { values } = readArgs('incidents', args, { open: 'boolean' });
    const query = { limit: 10_000, ...(values.open ? { open: 'true' as const } : {}) };
    const list = await runtime().call('incidents', { query });
    for (const incident of list) output.line(values.json ? JSON.stringify(incident) : incidentLine(incident));
    return 0;
  },
};

export const setupCode: Verb = {
  usage: 'setup-code [--json]',
  summary: 'the one-time code for the first administrator, while there is none',
  async run(args, output) {
    const { values } = readArgs('setup-code', args, {});
    const { code } = await runtime().call('setupCode');
    if (values.json) output.line(JSON.stringify({ code }));
    else output.line(code ?? 'The box has an administrator; no code is valid.');
    return code ? 0 : 1;
  },
};

function changeLine({ at, change, incident }: IncidentChange): string {
  return `${at}  ${change.padEnd(12)} ${incident.kind}  ${placeOf(incident)}  ${incident.id}`;
}

function incidentLine(incident: Incident): string {
  const { state, verdict } = incident.handling;
  const why = verdict?.reason ? `  (${verdict.reason})` : '';
  return `${incident.openedAt}  P${incident.priority} ${incident.phase.padEnd(8)} ${state.padEnd(13)} ${incident.kind}  ${placeOf(incident)}  ${incident.id}${why}`;
}

function placeOf({ camera, zone, device }: Incident): string {
  return device ?? [camera, zone].filter(Boolean).join('/');
}
