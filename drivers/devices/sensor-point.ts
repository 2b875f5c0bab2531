import type { Gate, Sensor, SensorState, SensorValue, WireReadingValue } from '@gatehouse/contracts';
import { type Clock, describeError, GatehouseError, type Part, sleep } from '@gatehouse/kit';
import type { FieldBus } from '../bus/field-bus.ts';
import type { SensorFile } from '../profiles/profile-file.ts';
import { readSensor, type SensorReading } from '../profiles/sensor.ts';
import type { Alarm } from './alarms.ts';
import type { Comms } from './board.ts';
import { type LimitState, quiet, type Side, sidesOf, stepLimit } from './sensor-limits.ts';

export interface SensorObserver {
  /** What people would see differently; age alone is no change. */
  changed(sensor: SensorPoint): void;
  commsChanged(sensor: SensorPoint, comms: 'ok' | 'lost', reason: string | undefined): void;
  /** All that holds now, after each reading; nothing is said of what is lost. */
  alarms(sensor: SensorPoint, alarms: readonly Alarm[]): void;
  /** A reading for the platform. */
  report(sensor: SensorPoint, cause: 'period' | 'limit', values: readonly WireReadingValue[]): void;
}

export interface SensorParts {
  readonly bus: FieldBus;
  readonly profile: SensorFile;
  readonly observer: SensorObserver;
  readonly clock: Clock;
}

/** Readings missed in a row until nothing is known of it any more: one may fall to noise on the line. */
const lostAfterMissed = 3;

interface Watched {
  readonly value: string;
  readonly side: Side;
  state: LimitState;
}

/** A sensor on a bus: read at its own slow rate in as few requests as its registers allow, held against its limits. */
export class SensorPoint implements Part {
  readonly spec: Sensor;
  readonly #parts: SensorParts;
  readonly #watched: readonly Watched[];
  readonly #stopping = new AbortController();
  #comms: Comms = 'starting';
  #readings: readonly SensorReading[] = [];
  #lastGoodMs: number | undefined;
  #missed = 0;
  #reportedMs: number | undefined;
  #crossed = '';
  #shown = '';
  #running: Promise<void> | undefined;

  constructor(spec: Sensor, parts: SensorParts) {
    this.spec = spec;
    this.#parts = parts;
    this.#watched = spec.limits.flatMap((limit) =>
      sidesOf(limit).map((side) => ({ value: limit.value, side, state: quiet })),
    );
  }

  start(): void {
    this.#running = this.#run(this.#stopping.signal);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  view(): SensorState {
    const { id, name, pollS } = this.spec;
    const ageMs =
      this.#lastGoodMs === undefined ? undefined : this.#parts.clock.monotonicMs() - this.#lastGoodMs;
    return {
      ...{ id, name, pollS, comms: this.#comms },
      ...(ageMs === undefined ? {} : { ageMs }),
      values: this.#parts.profile.values.map((value) => this.#valueOf(value)),
    };
  }

  #valueOf({ id, name, unit }: SensorFile['values'][number]): SensorValue {
    const limits = this.spec.limits.filter((limit) => limit.value === id);
    const above = least(limits.flatMap((limit) => limit.above ?? []));
    const below = least(limits.flatMap((limit) => (limit.below === undefined ? [] : -limit.below)));
    const reading = this.#comms === 'ok' ? this.#readings.find((one) => one.id === id) : undefined;
    return {
      ...{ id, name, unit },
      ...(reading?.value === undefined ? {} : { value: reading.value }),
      ...(reading?.meaning ? { meaning: reading.meaning } : {}),
      ...(above === undefined ? {} : { above }),
      ...(below === undefined ? {} : { below: -below }),
      state: reading ? this.#stateOf(reading) : 'unknown',
    };
  }

  #stateOf({ id, value, meaning }: SensorReading): 'normal' | 'alarm' | 'broken' {
    if (value === undefined) return 'broken';
    const beyond = this.#watched.some((one) => one.value === id && one.state.beganAt !== undefined);
    return beyond || meaning?.alarm ? 'alarm' : 'normal';
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    while (!signal.aborted) {
      const startedMs = clock.monotonicMs();
      await this.#readOnce(signal);
      const tookMs = clock.monotonicMs() - startedMs;
      await sleep(clock, Math.max(0, this.spec.pollS * 1000 - tookMs), signal);
    }
  }

  async #readOnce(signal: AbortSignal): Promise<void> {
    const { bus, profile, clock } = this.#parts;
    try {
      this.#readings = await readSensor(bus, profile, this.spec.unit, { signal });
      this.#lastGoodMs = clock.monotonicMs();
      this.#missed = 0;
      this.#setComms('ok', undefined);
      this.#judge(this.#lastGoodMs);
    } catch (error) {
      // A request that found no room was never sent: that says nothing of the sensor.
      if (signal.aborted || (error instanceof GatehouseError && error.code === 'BUS_BUSY')) return;
      this.#missed++;
      for (const one of this.#watched)
        one.state = stepLimit(one.state, one.side, undefined, clock.monotonicMs());
      if (this.#missed >= lostAfterMissed) this.#setComms('lost', describeError(error));
    }
    this.#show();
  }

  #judge(nowMs: number): void {
    for (const one of this.#watched) {
      const value = this.#readings.find(({ id }) => id === one.value)?.value;
      one.state = stepLimit(one.state, one.side, value, nowMs);
    }
    const alarms = this.#alarms();
    this.#parts.observer.alarms(this, alarms);
    const crossed = JSON.stringify(alarms.map(({ kind, gates }) => [kind, gates.map(({ name }) => name)]));
    const isDue = nowMs - (this.#reportedMs ?? Number.NEGATIVE_INFINITY) >= this.spec.reportMinutes * 60_000;
    const hasCrossed = this.#crossed !== '' && crossed !== this.#crossed;
    this.#crossed = crossed;
    if (!isDue && !hasCrossed) return;
    if (isDue) this.#reportedMs = nowMs;
    const values = this.#readings.map((reading) => ({
      id: reading.id,
      ...(reading.value === undefined ? {} : { value: reading.value }),
      unit: reading.unit,
      state: this.#stateOf(reading),
    }));
    this.#parts.observer.report(this, hasCrossed ? 'limit' : 'period', values);
  }

  /** One alarm a sensor: its gates say which values are beyond which limits, and what was read when that began. */
  #alarms(): Alarm[] {
    const beyond = this.#watched.flatMap(({ value, side, state: { beganAt } }) => {
      if (beganAt === undefined) return [];
      const unit = this.#parts.profile.values.find(({ id }) => id === value)?.unit;
      const gate: Gate = {
        ...{ name: value, value: beganAt, threshold: side.threshold, passed: true },
        ...(unit ? { unit } : {}),
      };
      return [{ gate, priority: side.priority }];
    });
    const states = this.#readings
      .filter(({ meaning }) => meaning?.alarm)
      .map(({ id }) => ({ gate: { name: id, value: true, passed: true }, priority: 2 as const }));
    const held = [...beyond, ...states];
    const broken = this.#readings.filter(({ value }) => value === undefined);
    return [
      ...(held.length > 0
        ? [
            {
              kind: 'input-alarm',
              priority: urgent(held.map(({ priority }) => priority)),
              gates: held.map(({ gate }) => gate).slice(0, 8),
            } as const,
          ]
        : []),
      ...(broken.length > 0
        ? [
            {
              kind: 'device-disagreement',
              priority: 3,
              gates: broken
                .map(({ id }) => ({ name: `${id}-measured`, value: false, passed: false }))
                .slice(0, 8),
            } as const,
          ]
        : []),
    ];
  }

  #setComms(comms: Comms, reason: string | undefined): void {
    if (comms === this.#comms || comms === 'starting') return;
    this.#comms = comms;
    this.#parts.observer.commsChanged(this, comms, reason);
  }

  #show(): void {
    const { ageMs: _age, ...visible } = this.view();
    const text = JSON.stringify(visible);
    if (text === this.#shown) return;
    this.#shown = text;
    this.#parts.observer.changed(this);
  }
}

function least(numbers: readonly number[]): number | undefined {
  return numbers.length === 0 ? undefined : Math.min(...numbers);
}

function urgent(priorities: readonly (1 | 2 | 3)[]): 1 | 2 | 3 {
  return priorities.includes(1) ? 1 : priorities.includes(2) ? 2 : 3;
}
