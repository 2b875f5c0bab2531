import { eventTypes, type WireCommand, type WireFacts, type WireGate } from '@gatehouse/contracts';

/**
 * Digits of a measured number that leave the box: more is noise of a sensor, or something else written into
 * it.
 */
const significantDigits = 5;
/** A hundredth of a percent of the picture would be more than a detector knows. */
const boxSteps = 1_000;
const least = 1e-6;
const most = 1e12;

/**
 * An event's content with its numbers as coarse as what they measure. Commands of flows have their times in
 * whole seconds: a flow chooses when it asks, and to the millisecond that would be worth ten bits more each
 * time.
 */
export function coarse({ type, data }: WireFacts): WireFacts['data'] {
  switch (type) {
    case eventTypes.incident: {
      const { evidence } = data;
      if (!evidence) return data;
      const box = evidence.box && {
        x1: Math.round(evidence.box.x1 * boxSteps) / boxSteps,
        y1: Math.round(evidence.box.y1 * boxSteps) / boxSteps,
        x2: Math.round(evidence.box.x2 * boxSteps) / boxSteps,
        y2: Math.round(evidence.box.y2 * boxSteps) / boxSteps,
      };
      const [sinceMs, atMs] = [Math.round(evidence.sinceMs), Math.round(evidence.atMs)];
      const gates = evidence.gates.map(gate);
      return { ...data, evidence: { ...evidence, ...(box ? { box } : {}), sinceMs, atMs, gates } };
    }
    case eventTypes.reading:
      return {
        ...data,
        values: data.values.map((one) =>
          one.value === undefined ? one : { ...one, value: measured(one.value) },
        ),
      };
    case eventTypes.command:
      return isOfFlow(data) ? ofFlow(data) : inSteps(data, 1);
    case eventTypes.clockStep:
      return { ...data, monotonicMs: Math.round(data.monotonicMs) };
    default:
      return data;
  }
}

/** The instant of the event itself, coarse where the event is about a flow's command. */
export function coarseTime({ type, data }: WireFacts, time: string): string {
  return type === eventTypes.command && isOfFlow(data) ? wholeSecond(time) : time;
}

function isOfFlow({ origin }: WireCommand): boolean {
  return origin.channel === 'flows';
}

function ofFlow(data: WireCommand): WireCommand {
  const { acceptedAt, finishedAt } = data;
  return {
    ...inSteps(data, 1000),
    acceptedAt: wholeSecond(acceptedAt),
    ...(finishedAt === undefined ? {} : { finishedAt: wholeSecond(finishedAt) }),
  };
}

function inSteps(data: WireCommand, stepMs: number): WireCommand {
  const { tookMs } = data;
  return tookMs === undefined ? data : { ...data, tookMs: Math.round(tookMs / stepMs) * stepMs };
}

function gate(one: WireGate): WireGate {
  const { value, threshold } = one;
  return {
    ...one,
    value: typeof value === 'number' ? measured(value) : value,
    ...(typeof threshold === 'number' ? { threshold: measured(threshold) } : {}),
  };
}

function measured(value: number): number {
  if (Math.abs(value) < least) return 0;
  const bounded = Math.min(most, Math.max(-most, value));
  return Number(bounded.toPrecision(significantDigits));
}

function wholeSecond(instant: string): string {
  return instant.replace(/\.[0-9]+/, '.000');
}
