import type { DayOfWeek, WeeklyWindow } from '@gatehouse/contracts';

type Day = DayOfWeek | 'holiday';

/** Day and time of day at the site. */
export interface LocalTime {
  readonly today: Day;
  readonly yesterday: Day;
  /** Minutes since local midnight, 0 to 1439. */
  readonly minute: number;
}

const dayMs = 86_400_000;
const days: readonly DayOfWeek[] = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/**
 * Tells local days and times of a time zone, holidays among them. Same input, same answer: it reads no clock.
 */
export class Calendar {
  readonly #format: Intl.DateTimeFormat;
  readonly #holidays: ReadonlySet<string>;
  #last: { readonly minute: number; readonly local: LocalTime } | undefined;

  /**
   * @param timezone IANA name
   * @param holidays dates `YYYY-MM-DD`
   */
  constructor(timezone: string, holidays: readonly string[]) {
    // hourCycle h23: `en` writes midnight as 24 otherwise.
    this.#format = new Intl.DateTimeFormat('en', {
      timeZone: timezone,
      hourCycle: 'h23',
      ...({ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' } as const),
    });
    this.#holidays = new Set(holidays);
  }

  /** @param epochMs milliseconds since 1970 UTC */
  at(epochMs: number): LocalTime {
    // Offsets of time zones in use are whole minutes, so a local minute is a UTC minute; frames come many a
    // minute.
    const minute = Math.floor(epochMs / 60_000);
    if (this.#last?.minute === minute) return this.#last.local;
    const parts = new Map(
      this.#format.formatToParts(epochMs).map(({ type, value }) => [type, Number(value)]),
    );
    const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? 0;
    const midnight = Date.UTC(part('year'), part('month') - 1, part('day'));
    const local = {
      today: this.#dayOf(midnight),
      yesterday: this.#dayOf(midnight - dayMs),
      minute: part('hour') * 60 + part('minute'),
    };
    this.#last = { minute, local };
    return local;
  }

  /** The kind of day that a local date counts as; the date is given as its midnight in UTC. */
  #dayOf(midnight: number): Day {
    const date = new Date(midnight);
    if (this.#holidays.has(date.toISOString().slice(0, 10))) return 'holiday';
    return days[date.getUTCDay()] ?? 'sun';
  }
}

/** True if a window that comes every day holds; `to` at or before `from` is a time of the next day. */
export function inHours({ from, to }: Pick<WeeklyWindow, 'from' | 'to'>, { minute }: LocalTime): boolean {
  const [start, end] = [minutes(from), minutes(to)];
  return start < end ? minute >= start && minute < end : minute >= start || minute < end;
}

/** True if a weekly window holds. One over midnight belongs to the day on which it starts. */
export function inWindow({ days: starts, from, to }: WeeklyWindow, local: LocalTime): boolean {
  if (!inHours({ from, to }, local)) return false;
  const startedYesterday = minutes(to) <= minutes(from) && local.minute < minutes(to);
  return starts.includes(startedYesterday ? local.yesterday : local.today);
}

function minutes(timeOfDay: string): number {
  const [hours = 0, rest = 0] = timeOfDay.split(':').map(Number);
  return hours * 60 + rest;
}
