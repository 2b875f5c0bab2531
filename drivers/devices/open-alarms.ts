import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { type Clock, isoWithOffset, type Log, type Part } from '@gatehouse/kit';
import type { Journal } from '../journal/journal.ts';
import type { StandingAlarm } from '../journal/standing.ts';
import type { Alarm } from './alarms.ts';

export interface OpenAlarmsOptions {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Log;
  /** Devices, inputs and interlocks of the site: alarms of others are over. */
  readonly sources: ReadonlySet<string>;
}

/**
 * Which alarms are open. Whoever watches something reports all that holds there, again and again; this makes an opening, a
 * change and a clearing of it, each told once, also over a restart. Nothing is reported of what is lost, so that its alarms stay.
 */
export class OpenAlarms implements Part {
  readonly #options: OpenAlarmsOptions;
  readonly #open = new Map<string, StandingAlarm>();

  constructor(options: OpenAlarmsOptions) {
    this.#options = options;
  }

  start(): void {
    for (const alarm of this.#options.journal.stands().alarms)
      this.#open.set(keyOf(alarm.device, alarm.kind), alarm);
    for (const alarm of [...this.#open.values()])
      if (!this.#options.sources.has(alarm.device)) this.#clear(alarm);
  }

  stop(): void {
    this.#open.clear();
  }

  /** All that holds of one device, input or interlock now. */
  report(device: string, alarms: readonly Alarm[]): void {
    for (const alarm of alarms) this.#hold(device, alarm);
    for (const open of [...this.#open.values()])
      if (open.device === device && !alarms.some(({ kind }) => kind === open.kind)) this.#clear(open);
  }

  #hold(device: string, alarm: Alarm): void {
    const open = this.#open.get(keyOf(device, alarm.kind));
    const same = open && open.priority === alarm.priority && isDeepStrictEqual(open.gates, alarm.gates);
    if (same) return;
    const gates = [...alarm.gates];
    const next = { ...alarm, gates, device, alarm: open?.alarm ?? randomUUID() };
    this.#open.set(keyOf(device, alarm.kind), next);
    this.#tell(next, open ? 'updated' : 'opened');
  }

  #clear(alarm: StandingAlarm): void {
    this.#open.delete(keyOf(alarm.device, alarm.kind));
    this.#tell(alarm, 'cleared');
  }

  #tell(alarm: StandingAlarm, phase: 'opened' | 'updated' | 'cleared'): void {
    const { journal, clock, log } = this.#options;
    log[phase === 'cleared' ? 'info' : 'warn']('device-alarm', { ...alarm, phase });
    const event = { ...alarm, type: 'alarm', phase, at: isoWithOffset(clock.epochMs()) } as const;
    void journal.keep({ fact: 'alarm', event });
  }
}

function keyOf(device: string, kind: string): string {
  return `${device}/${kind}`;
}
