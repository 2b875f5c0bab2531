/**
 * The incidents that a cycle's script must raise, from its times alone. Imports nothing of the product.
 */
import type { Found } from '../scenes/oracle.ts';
import type { Span } from '../scenes/script.ts';
import { type CycleScript, outS, rowsY, type Visit } from './script.ts';

/** Alarm delay at most 2 s beyond the time. */
const delayS = 2;
/** The voice prompt comes after so long in the zone. */
export const voiceS = 2;

/** Unseen time that still counts; longer unseen time counts neither way. */
export function toleranceS({ alarmS }: Pick<CycleScript, 'alarmS'>): number {
  return Math.min(10, alarmS / 2);
}

/** When a cycle has been watched in the zone for so long. */
function dueS(script: CycleScript, { inS }: Pick<Visit, 'inS'>, afterS: number): number {
  let due = inS + afterS;
  for (const { fromS, toS } of script.pauses)
    if (toS - fromS + 1 / script.fps > toleranceS(script) && fromS < due && fromS > inS) due += toS - fromS;
  return due;
}

/** The mistake in the findings of a scene, or `undefined`. */
export function judge(script: CycleScript, found: readonly Found[]): string | undefined {
  const left = new Set(found);
  for (const [v, visit] of script.visits.entries()) {
    const until = outS(visit) + script.clearS + 4 * delayS;
    const own = found.filter(
      ({ t, y }) => t >= visit.inS - delayS && t <= until && Math.abs(y - rowsY[visit.row]) < 0.1,
    );
    for (const one of own) left.delete(one);
    const mistake = mistakeOf(script, visit, v, own);
    if (mistake) return `visit ${v}: ${mistake}, said ${JSON.stringify(own.map((f) => [f.phase, f.t]))}`;
  }
  const [stray] = left;
  return stray && `without cause: ${stray.phase} at ${stray.t}`;
}

/** Stages of all visits, and how many of them its leaving makes too close to say: either answer passes. */
export function undecided(script: CycleScript): { readonly stages: number; readonly close: number } {
  const all = script.visits.flatMap((visit) =>
    [voiceS, script.alarmS, script.escalateS].map((afterS) => isClose(script, visit, afterS)),
  );
  return { stages: all.length, close: all.filter((close) => close).length };
}

function isClose(script: CycleScript, visit: Visit, afterS: number): boolean {
  const due = dueS(script, visit, afterS);
  const goneS = outS(visit);
  return goneS > due - delayS && goneS < due + delayS + slackS(script);
}

/** It is seen late by a frame or two, and by what keeps the detector from seeing it. */
function slackS({ fps, dropouts, pauses }: CycleScript): number {
  const longest = [...dropouts, ...pauses].map(({ fromS, toS }) => toS - fromS);
  return delayS + 2 / fps + Math.max(0, ...longest);
}

function mistakeOf(script: CycleScript, visit: Visit, v: number, own: readonly Found[]): string | undefined {
  const goneS = outS(visit);
  const stage = (name: string, t: number | undefined, afterS: number) => {
    const due = dueS(script, visit, afterS);
    if (isClose(script, visit, afterS)) return undefined;
    if (goneS < due) return t === undefined ? undefined : `${name} at ${t}, but it was gone at ${goneS}`;
    // It counts from its footprint on, up to a second before its middle.
    const window: Span = {
      fromS: dueS(script, { inS: visit.inS - 1 }, afterS),
      toS: due + slackS(script),
    };
    if (t === undefined) return `no ${name}, due at ${due}`;
    return t >= window.fromS && t <= window.toS ? undefined : `${name} at ${t}, due at ${due}`;
  };
  if (new Set(own.map(({ occupancy }) => occupancy)).size > 1) return 'more than one presence';
  const times = (phase: string) => own.filter((one) => one.phase === phase).map(({ t }) => t);
  const [voices, opened, cleared] = [times('voice'), times('opened'), times('cleared')];
  if (voices.length > 1 || opened.length > 1 || cleared.length > 1) return 'said twice';
  const escalated = own.find(({ phase, priority }) => phase !== 'voice' && priority === 1);
  const clearedS = goneS + script.clearS;
  const openedMistake = stage('alarm', opened[0], script.alarmS);
  const known = stage('voice', voices[0], voiceS) ?? openedMistake;
  if (known) return known;
  const escalation = stage('escalation', escalated?.t, script.escalateS);
  if (escalation) return escalation;
  if (opened.length === 0) return cleared.length > 0 ? 'cleared unopened' : undefined;
  const [t] = cleared;
  const onTime = t !== undefined && t >= clearedS - delayS && t <= clearedS + slackS(script);
  return onTime ? undefined : `visit ${v} cleared at ${t}, due at ${clearedS}`;
}
