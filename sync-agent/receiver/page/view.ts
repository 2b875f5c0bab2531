import { WireMedia } from '@gatehouse/contracts';
import { isoWithOffset } from '@gatehouse/kit';
import type { ArrivedRow } from '../queries.ts';
import { type Html, html } from './html.ts';
import type { Texts } from './locale.ts';

/** Rows of each list on the page. */
export const pageRows = {
  boxes: 500,
  identity: 30,
  incidents: 30,
  media: 30,
  gaps: 30,
  audit: 30,
  refused: 20,
} as const;
/** An absent list is shown as empty. */
export type PageLists = Readonly<Partial<Record<keyof typeof pageRows, readonly ArrivedRow[]>>>;

/** A box that has not been heard for longer is shown as silent: it is cut off, or it had nothing to send. */
const silentAfterMs = 3_600_000;

const style = `
:root{color-scheme:light dark;--edge:#d5d9de;--dim:#66707a;--warn:#b54708}
@media (prefers-color-scheme:dark){:root{--edge:#3a4048;--dim:#9aa4ae;--warn:#f79009}}
body{font:15px/1.5 system-ui,"Noto Sans CJK SC",sans-serif;margin:0 auto;max-width:72rem;padding:1rem}
h1{font-size:1.3rem;margin:0}h2{font-size:1.05rem;margin:1.6rem 0 .4rem}
header{display:flex;flex-wrap:wrap;gap:.2rem 1rem;align-items:baseline}small,.dim{color:var(--dim)}
nav{margin-left:auto}table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.35rem .6rem .35rem 0;border-bottom:1px solid var(--edge);vertical-align:top;overflow-wrap:anywhere}
img{display:block;max-width:16rem;width:100%}
th{color:var(--dim);font-weight:500}.n{text-align:right;font-variant-numeric:tabular-nums}.warn{color:var(--warn);font-weight:600}
@media (max-width:40rem){thead{display:none}tr{display:block;border-bottom:1px solid var(--edge);padding:.4rem 0}
td{display:flex;justify-content:space-between;gap:1rem;border:0;padding:.1rem 0;text-align:right}
td::before{content:attr(data-name);color:var(--dim);text-align:left;flex:none}}`;

/** The page: boxes, findings, incidents, pictures, gaps, audit findings, refusals. */
export function renderPage(texts: Texts, lists: PageLists, nowMs: number): Html {
  return html`<!doctype html>
<html lang="${texts.language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="refresh" content="30"><title>${texts.say('title')}</title><style>${safeStyle}</style></head><body>
<header><h1>${texts.say('title')}</h1><small>${texts.say('refreshed')} ${when(isoWithOffset(nowMs))}</small>
<nav><a href="?lang=zh-CN" lang="zh-CN">中文</a> · <a href="?lang=en" lang="en">English</a></nav></header>
${section(texts, 'boxes', ['box', 'state', 'last', 'lag', 'behind', 'missing'], lists.boxes, (row) => box(texts, row, nowMs))}
${section(texts, 'identity', ['box', 'finding', 'class', 'from', 'times', 'found', 'seen', 'settled'], lists.identity, (row) => identity(texts, row))}
${section(texts, 'incidents', ['updated', 'box', 'kind', 'phase', 'where'], lists.incidents, (row) => incident(texts, row))}
${section(texts, 'media', ['updated', 'box', 'incident', 'picture'], lists.media, (row) => media(texts, row))}
${section(texts, 'gaps', ['box', 'class', 'range', 'reason'], lists.gaps, (row) => gap(texts, row))}
${section(texts, 'audit', ['box', 'finding', 'record', 'found', 'seen'], lists.audit, (row) => finding(texts, row))}
${section(texts, 'refused', ['reason', 'count', 'last'], lists.refused, (row) => [texts.word('reasons', row.why), row.count, when(row.lastAt)])}
</body></html>`;
}

/** Holds nothing that came from outside. */
const safeStyle = html([style] as unknown as TemplateStringsArray);

function section(
  texts: Texts,
  name: keyof PageLists,
  columns: readonly string[],
  rows: readonly ArrivedRow[] = [],
  cells: (row: ArrivedRow) => readonly unknown[],
): Html {
  const heads = columns.map((column) => texts.say(column));
  const body = rows.map(
    (row) =>
      html`<tr>${cells(row).map((cell, i) => html`<td data-name="${heads[i]}"><span>${cell}</span></td>`)}</tr>`,
  );
  const table = html`<table><thead><tr>${heads.map((head) => html`<th>${head}</th>`)}</tr></thead><tbody>${body}</tbody></table>`;
  const limit = pageRows[name];
  const more =
    rows.length < limit
      ? ''
      : html`<p class="dim">${texts.say('more').replace('{limit}', String(limit))}</p>`;
  return html`<section id="${name}"><h2>${texts.say(name)}</h2>${rows.length === 0 ? html`<p class="dim">${texts.say('none')}</p>` : table}${more}</section>`;
}

function box(texts: Texts, row: ArrivedRow, nowMs: number): readonly unknown[] {
  const silentMs = nowMs - Number(row.lastMs);
  const quiet = silentMs > silentAfterMs;
  const state = quiet ? html`<span class="warn">${texts.say('quiet')}</span>` : texts.say('live');
  return [
    row.box,
    state,
    `${duration(silentMs)} ${texts.say('ago')}`,
    duration(Number(row.lagMs)),
    count(row.behind),
    count(row.missing),
  ];
}

function incident(texts: Texts, row: ArrivedRow): readonly unknown[] {
  const where = [row.camera, row.zone, row.device].filter((part) => part !== undefined).join(' / ');
  return [when(row.updatedAt), row.box, texts.term('kind', row.kind), texts.term('change', row.phase), where];
}

/** The picture, if this machine holds it. Its address consists of a hash and a box id only. */
function media(texts: Texts, row: ArrivedRow): readonly unknown[] {
  const data = WireMedia.safeParse(row.data);
  const about = data.success ? data.data : undefined;
  const picture =
    about?.state === 'stored'
      ? html`<img loading="lazy" alt="${texts.say('picture')}" src="/media/${row.box}/${about.sha256}">`
      : texts.word('withheld', about?.reason ?? 'no-reason');
  return [when(row.time), row.box, about?.incident ?? '', picture];
}

function gap(texts: Texts, row: ArrivedRow): readonly unknown[] {
  const range = row.first === row.last ? String(row.first) : `${row.first} – ${row.last}`;
  return [row.box, texts.term('event-class', row.eventclass), range, texts.word('reasons', row.reason)];
}

function finding(texts: Texts, row: ArrivedRow): readonly unknown[] {
  const words = texts.word('findings', row.kind);
  const said = row.kind === 'restored' ? words : html`<span class="warn">${words}</span>`;
  const record = row.record === row.againstRecord ? row.record : `${row.againstRecord} → ${row.record}`;
  return [row.box, said, record, when(row.foundAt), when(row.lastAt)];
}

/** The person who has settled the finding, unless it was found anew since. */
function identity(texts: Texts, row: ArrivedRow): readonly unknown[] {
  const { box, kind, eventclass, sequence, foundAt, lastAt, settledAt, settledBy } = row;
  const isSettled = settledAt !== undefined && Date.parse(String(settledAt)) >= Date.parse(String(lastAt));
  const words = texts.word('identities', kind);
  const said = isSettled ? words : html`<span class="warn">${words}</span>`;
  const [ofClass, number] = kind === 'twins' ? ['', ''] : [texts.term('event-class', eventclass), sequence];
  const by = isSettled ? `${settledBy} ${when(settledAt)}` : '';
  return [box, said, ofClass, number, row.count, when(foundAt), when(lastAt), by];
}

function count(value: unknown): unknown {
  return Number(value) > 0 ? html`<span class="warn">${value}</span>` : value;
}

/** `2026-11-23 18:30:00 +08:00`, with the offset of this machine. */
function when(instant: unknown): string {
  const text = isoWithOffset(Date.parse(String(instant)));
  return `${text.slice(0, 19).replace('T', ' ')} ${text.slice(-6)}`;
}

/** `-3 s`: the box's clock is ahead of ours. */
function duration(ms: number): string {
  const s = Math.round(ms / 1000);
  if (Math.abs(s) < 120) return `${s} s`;
  if (Math.abs(s) < 7200) return `${Math.round(s / 60)} min`;
  return Math.abs(s) < 172_800 ? `${Math.round(s / 3600)} h` : `${Math.round(s / 86_400)} d`;
}
