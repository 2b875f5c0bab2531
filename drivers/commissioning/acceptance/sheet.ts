import { type AcceptanceRecord, type Line, limitMs, type Measure, overall } from './record.ts';
import { sheetStyle } from './sheet-style.ts';
import { type Language, text } from './texts.ts';

/**
 * The sheet as one HTML page for printing on A4: nothing is fetched, and whatever came from a file is
 * escaped.
 */
export function acceptanceSheet(record: AcceptanceRecord, language: Language): string {
  const t = (key: string, values: Readonly<Record<string, string | number>> = {}) =>
    escaped(text(language, key, values));
  const counts = (['passed', 'failed', 'not-tested'] as const).map(
    (verdict) => [verdict, record.lines.filter((line) => line.verdict === verdict).length] as const,
  );
  const result = overall(record.lines);
  const facts = [
    ['site', `${record.site.name[language]} (${record.site.id})`],
    ['box', record.box],
    ['software', `Gatehouse ${record.software}`],
    ['by', record.by],
    ['mode', text(language, `mode.${record.mode}`)],
    ['time', `${record.startedAt} – ${record.endedAt}`],
  ] as const;
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<title>${t('sheet.title')} · ${escaped(record.site.name[language])}</title>
<style>${sheetStyle}</style>
</head>
<body>
<h1>${t('sheet.title')}</h1>
<dl class="facts">${facts.map(([key, value]) => `<dt>${t(`sheet.${key}`)}</dt><dd>${escaped(value)}</dd>`).join('')}</dl>
<p class="result ${result}"><strong>${t(`overall.${result}`)}</strong> ${counts.map(([verdict, n]) => `<span>${mark(verdict)} ${t(`verdict.${verdict}`)}: ${n}</span>`).join(' ')}</p>
<p class="note">${t('sheet.clauses')}</p>
<p class="note">${t(`sheet.timing-${record.mode}`)}</p>
<table>
<thead><tr><th class="n">#</th><th>${t('sheet.subject')}</th><th>${t('sheet.check')}</th><th class="verdict">${t('sheet.verdict')}</th><th>${t('sheet.measured')}</th><th>${t('sheet.remark')}</th></tr></thead>
<tbody>
${record.lines.map((line, i) => row(line, i, language)).join('\n')}
</tbody>
</table>
<section class="sign">
<h2>${t('sheet.sign')}</h2>
<p class="note">${t('sheet.sign-note')}</p>
<div class="lines">${['contractor', 'client', 'supervision'].map((who) => `<div><span>${t(`sign.${who}`)}</span><i></i><span>${t('sign.date')}</span><i></i></div>`).join('')}</div>
</section>
</body>
</html>
`;
}

function row(
  { name, subject, check, verdict, measures, read, reason, seen }: Line,
  i: number,
  language: Language,
): string {
  const t = (key: string) => escaped(text(language, key));
  const remarks = [
    ...(read ? [text(language, 'sheet.read', { values: read[language] })] : []),
    ...(reason ? [text(language, `reason.${reason}`)] : []),
    ...(seen === 'yes' ? [text(language, 'sheet.seen')] : []),
  ];
  return `<tr class="${verdict}"><td class="n">${i + 1}</td><td>${escaped(name[language])}<br><small>${escaped(subject)}</small></td><td>${t(`check.${check}`)}</td><td class="verdict">${mark(verdict)} ${t(`verdict.${verdict}`)}</td><td>${measures.map((measure) => measured(measure, language)).join('<br>')}</td><td>${escaped(remarks.join(text(language, 'sheet.between')))}</td></tr>`;
}

function measured({ clause, ms }: Measure, language: Language): string {
  const seconds = (value: number) => (value / 1000).toFixed(value < limitMs[clause] ? 2 : 1);
  return `<span class="${ms <= limitMs[clause] ? '' : 'late'}">${escaped(text(language, `clause.${clause}`))} ${seconds(ms)} s ${ms <= limitMs[clause] ? '≤' : '&gt;'} ${limitMs[clause] / 1000} s</span>`;
}

/** A shape beside the word: a printer may have no colour. */
function mark(verdict: Line['verdict']): string {
  return { passed: '✓', failed: '✗', 'not-tested': '○' }[verdict];
}

function escaped(value: string): string {
  return value
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
