import {
  type Incident,
  type IncidentChange,
  type Language,
  type TermGroup,
  term,
} from '@gatehouse/contracts';
import { padded } from '../texts.ts';

/** A change as one line. English keeps the codes, because scripts read it. */
export function changeLine({ at, change, incident }: IncidentChange, language: Language): string {
  const { kind, id } = incident;
  if (language === 'en') return `${at}  ${change.padEnd(12)} ${kind}  ${placeOf(incident)}  ${id}`;
  return [at, word('change', change), word('kind', kind), placeOf(incident), id].join('  ');
}

/** An incident as one line; the same. */
export function incidentLine(incident: Incident, language: Language): string {
  const { openedAt, priority, phase, kind, id, handling } = incident;
  const { state, verdict } = handling;
  if (language === 'en') {
    const why = verdict?.reason ? `  (${verdict.reason})` : '';
    return `${openedAt}  P${priority} ${phase.padEnd(8)} ${state.padEnd(13)} ${kind}  ${placeOf(incident)}  ${id}${why}`;
  }
  const parts = [openedAt, word('priority', priority), word('change', phase), word('handling', state, 6)];
  const why = verdict?.reason ? `（${word('false-alarm-reason', verdict.reason)}）` : '';
  return [...parts, word('kind', kind), placeOf(incident), `${id}${why}`].join('  ');
}

function word(group: TermGroup, code: string | number, columns = 0): string {
  return padded(term('zh-CN', group, code), columns);
}

function placeOf({ camera, zone, device }: Incident): string {
  return device ?? [camera, zone].filter(Boolean).join('/');
}
