import { EventClass } from '@gatehouse/contracts';
import { errorOf } from '@gatehouse/kit';
import type { RetentionDays } from './store.ts';

/** Alarms and door records for a year, logs for the statutory half year, periodic numbers for a month. */
export const defaultRetention: RetentionDays = { alarm: 365, door: 365, health: 183, telemetry: 30 };
/**
 * Least days: alarm records 30; network and access logs six months (Cybersecurity Law of the PRC, art. 21
 * (3)).
 */
const least: RetentionDays = { alarm: 30, door: 183, health: 183, telemetry: 1 };
const mostDays = 36_500;
const dayMs = 86_400_000;

/** Starts of boxes: two that ran side by side so long ago say nothing of today. */
export const keptStartsDays = 30;

/**
 * Reads `alarm=365,telemetry=7`; classes not named keep their default. Throws on unknown classes and terms
 * below the law's.
 */
export function readRetention(text: string | undefined): RetentionDays {
  const terms = { ...defaultRetention };
  for (const entry of (text ?? '').split(',').filter((part) => part.trim() !== '')) {
    const [name, days] = entry.split('=').map((part) => part.trim());
    const eventclass = EventClass.options.find((option) => option === name);
    const term = Number(days);
    if (!eventclass || !Number.isInteger(term) || term > mostDays || term < least[eventclass])
      throw errorOf('RECEIVER_SETTINGS/keep', {
        term: entry.trim(),
        known: EventClass.options.map((option) => `${option} (${least[option]} at least)`).join(', '),
      });
    terms[eventclass] = term;
  }
  return terms;
}

/** An event that arrived before this instant is over its term. */
export function cutoff(now: string, days: number): string {
  return new Date(Date.parse(now) - days * dayMs).toISOString();
}
