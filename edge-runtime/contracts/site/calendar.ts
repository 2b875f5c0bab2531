import { z } from 'zod';

/** True if a name is a time zone that this machine knows (IANA, such as `Asia/Shanghai`). */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** By which clock and calendar the site lives. */
export const siteCalendar = {
  timezone: z
    .string()
    .refine(isTimeZone, {
      message: 'must be an IANA time zone such as "Asia/Shanghai"',
      params: { fault: 'time-zone' },
    })
    .default('Asia/Shanghai')
    .describe('Time zone of schedules and of night (IANA)'),
  holidays: z
    .array(z.iso.date('must be a date such as "2026-10-01", in quotes'))
    .max(400)
    .default([])
    .describe('Dates on which schedules use their "holiday" windows'),
};
