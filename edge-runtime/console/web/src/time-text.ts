import type { TFunction } from 'i18next';

/** `3 min 20 s`: two units, rounded down, never negative. */
export function durationText(t: TFunction, ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  if (s < 60) return t('time.s', { n: s });
  if (s < 3600) return t('time.min', { n: Math.floor(s / 60), rest: s % 60 });
  if (s < 86_400) return t('time.h', { n: Math.floor(s / 3600), rest: Math.floor((s % 3600) / 60) });
  return t('time.d', { n: Math.floor(s / 86_400), rest: Math.floor((s % 86_400) / 3600) });
}

/** `03:12:30`, with the date before it if it is not of today. */
export function clockText(language: string, iso: string | number, nowMs: number): string {
  const date = new Date(iso);
  const today = date.toDateString() === new Date(nowMs).toDateString();
  return date.toLocaleString(language, {
    ...(today ? {} : { month: '2-digit', day: '2-digit' }),
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hour12: false,
  });
}
