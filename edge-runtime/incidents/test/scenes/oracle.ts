/**
 * The incidents that a script must raise, from its times alone. Imports nothing of the product (see
 * script.ts).
 */
import {
  crossS,
  inside,
  outsideSlot,
  type Script,
  type Span,
  slotSize,
  slots,
  type Visit,
  visible,
} from './script.ts';

/**
 * A finding in the oracle's own words: `t` in seconds, `x` the middle and `y` the lower edge of the evidence
 * box.
 */
export interface Found {
  readonly phase: string;
  readonly occupancy: string;
  readonly t: number;
  readonly x: number;
  readonly y: number;
  readonly priority: number;
}

interface Expectation {
  /** `either`: too close to the threshold to say. */
  readonly incident: 'one' | 'none' | 'either';
  readonly opened: Span;
  /** Absent: it is still open when the scene ends, or may be. */
  readonly cleared?: Span;
  /** It must have been cleared by the end. */
  readonly mustClear: boolean;
}

/** Alarm delay at most 2 s beyond dwell. */
const delayS = 2;

/** Unseen time that still counts as stood; longer unseen time counts neither as stood nor as gone. */
export function toleranceS(violationS: number): number {
  return Math.min(10, violationS / 2);
}

function expectationOf(script: Script, visit: Visit, index: number, dwellS = script.violationS): Expectation {
  const frameS = 1 / script.fps;
  const blind = script.pauses.filter((p) => p.toS - p.fromS + frameS > toleranceS(script.violationS));
  const stopS = Math.max(0, visit.arriveS);
  // The stop itself may fall between two frames or into a pause: it counts from when it can first be seen.
  const dueS = addWatched(endOfPause(stopS, blind), dwellS, blind);
  // It may be seen to stand a moment before it does, and so before a pause that would put the incident off.
  const earlyS = Math.min(dueS, addWatched(stopS - delayS, dwellS, blind));
  const lateS = addWatched(firstVisible(script, index, stopS), dwellS, blind);
  const seenS = firstVisible(script, index, lateS);
  const stoodUntilS = Math.min(visit.leaveS, script.endS);
  const marginS = delayS + 2 * frameS;
  let incident: Expectation['incident'] = 'either';
  if (visit.slot === outsideSlot || earlyS > stoodUntilS + marginS) incident = 'none';
  else if (seenS + marginS < stoodUntilS) incident = 'one';

  const goneS = endOfPause(visit.leaveS, script.pauses);
  const clearS = addWatched(goneS, script.clearS, blind);
  const earliestS = Math.max(visit.leaveS, clearS - (goneS - visit.leaveS) - 1 - frameS);
  // Absence counts from the first frame that shows it, so any pause may come on top; crossing cars hide the
  // empty place for moments, which count neither way.
  const slackS = delayS + 4 * frameS + crossS * script.passes.length;
  const latestS = addWatched(goneS, script.clearS + slackS, script.pauses);
  const cleared = earliestS < script.endS ? { cleared: { fromS: earliestS, toS: latestS } } : {};
  return {
    incident,
    opened: { fromS: earlyS - delayS, toS: seenS + delayS },
    ...cleared,
    mustClear: latestS < script.endS,
  };
}

function endOfPause(t: number, pauses: readonly Span[]): number {
  return pauses.find((pause) => inside(t, pause))?.toS ?? t;
}

function firstVisible(script: Script, visitIndex: number, fromS: number): number {
  for (let i = Math.ceil(fromS * script.fps); i / script.fps < script.endS; i++) {
    const t = i / script.fps;
    if (visible(script, visitIndex, t) && !script.pauses.some((pause) => inside(t, pause))) return t;
  }
  return Number.POSITIVE_INFINITY;
}

/** The time at which `lengthS` of watched time have gone by since `fromS`. */
function addWatched(fromS: number, lengthS: number, blind: readonly Span[]): number {
  let at = fromS + lengthS;
  for (const span of blind)
    if (span.toS > fromS && span.fromS < at) at += span.toS - Math.max(span.fromS, fromS);
  return at;
}

/** The mistake in the findings of a scene, or `undefined`. */
export function judge(script: Script, found: readonly Found[]): string | undefined {
  const stories = Map.groupBy(found, (f) => f.occupancy);
  for (const [occupancy, story] of stories) {
    const phases = story
      .map((f) => f.phase)
      .filter((phase) => phase !== 'voice')
      .join(' ');
    if (phases !== '' && !/^opened( updated)*( cleared)?$/.test(phases)) return `${occupancy}: ${phases}`;
  }
  for (const [index, visit] of script.visits.entries()) {
    const what = `slot ${visit.slot}, ${visit.arriveS} to ${visit.leaveS} s`;
    const all = [...stories].filter(([, story]) => belongsTo(visit, story));
    const stages = judgeStages(
      script,
      visit,
      index,
      all.flatMap(([, story]) => story),
    );
    if (stages) return `${what}: ${stages}`;
    for (const [occupancy, story] of all)
      if (story.every((f) => f.phase === 'voice')) stories.delete(occupancy);
    const mine = all
      .filter(([occupancy]) => stories.has(occupancy))
      .map(([occupancy, story]) => [occupancy, story.filter((f) => f.phase !== 'voice')] as const);
    const expected = expectationOf(script, visit, index);
    const wanted = { one: [1], none: [0], either: [0, 1] }[expected.incident];
    if (!wanted.includes(mine.length)) return `${what}: ${mine.length} incidents, due ${expected.incident}`;
    for (const [occupancy, story] of mine) {
      stories.delete(occupancy);
      const problem = judgeStory(story, expected);
      if (problem) return `${what}: ${problem}`;
    }
  }
  const [stray] = [...stories.values()].filter((story) => !isOfBlock(script, story));
  return stray && `nobody stood there: ${JSON.stringify(stray[0])}`;
}

/**
 * The stages of a fire passage before and after its alarm: one prompt, and priority 1 from the escalation on.
 */
function judgeStages(
  script: Script,
  visit: Visit,
  index: number,
  found: readonly Found[],
): string | undefined {
  if (script.rule !== 'fire-passage') return undefined;
  const voice = expectationOf(script, visit, index, script.violationS / 2);
  const prompts = found.filter(({ phase }) => phase === 'voice');
  // A vehicle that was hidden until its alarm was due needs no prompt any more.
  const alarmed = found.some(({ phase, t }) => phase === 'opened' && t < voice.opened.toS);
  const wanted = { one: alarmed ? [0, 1] : [1], none: [0], either: [0, 1] }[voice.incident];
  if (!wanted.includes(prompts.length)) return `${prompts.length} prompts, due ${voice.incident}`;
  const [prompt] = prompts;
  if (prompt && !inside(prompt.t, voice.opened)) return `prompt at ${prompt.t}, due ${text(voice.opened)}`;
  const urgent = expectationOf(script, visit, index, 1.5 * script.violationS);
  const first = found.find(({ priority, phase }) => priority === 1 && phase !== 'cleared');
  if (urgent.incident === 'one' && !first) return `not escalated, due ${text(urgent.opened)}`;
  if (first && (urgent.incident === 'none' || !inside(first.t, urgent.opened)))
    return `escalated at ${first.t}, due ${text(urgent.opened)}`;
  return undefined;
}

/** The truck that hides a slot stands in the zone, too: long enough for a prompt, not for an incident. */
function isOfBlock({ blocks }: Script, story: readonly Found[]): boolean {
  return story.every(({ phase, t, y }) => phase === 'voice' && y > 0.7 && blocks.some((b) => inside(t, b)));
}

function belongsTo(visit: Visit, story: readonly Found[]): boolean {
  const [first] = story;
  const middle = (slots[visit.slot]?.left ?? 0) + slotSize / 2;
  const bottom = (slots[visit.slot]?.top ?? 0) + slotSize;
  return (
    first !== undefined &&
    Math.abs(first.x - middle) < slotSize / 2 &&
    Math.abs(first.y - bottom) < slotSize / 2 &&
    inside(first.t, { fromS: visit.arriveS, toS: visit.leaveS + 1 })
  );
}

function judgeStory(
  story: readonly Found[],
  { opened, cleared, mustClear }: Expectation,
): string | undefined {
  const first = story[0] as Found;
  const last = story.at(-1) as Found;
  if (!inside(first.t, opened)) return `opened at ${first.t}, due ${text(opened)}`;
  if (last.phase !== 'cleared') return mustClear && cleared ? `not cleared, due ${text(cleared)}` : undefined;
  if (!cleared) return `cleared at ${last.t} though it stays`;
  return inside(last.t, cleared) ? undefined : `cleared at ${last.t}, due ${text(cleared)}`;
}

function text({ fromS, toS }: Span): string {
  return `${fromS.toFixed(2)} to ${toS.toFixed(2)}`;
}
