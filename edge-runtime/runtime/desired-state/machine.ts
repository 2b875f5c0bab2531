/**
 * The way of a desired state's version through the box, as a pure machine: events in, the next standing and
 * its reports out. The standing is durable before its actions begin: `applying` and `rolling-back` ask to
 * apply and to undo, and both can be done again. So after a kill at any point the disk says what has to be
 * done.
 */
export type Final = 'settled' | 'rolled-back' | 'refused' | 'superseded';

interface Why {
  /** Stable code. */
  readonly reason?: string | undefined;
  /** The camera or service that it is about. */
  readonly subject?: string | undefined;
}

export type Step =
  | { readonly phase: 'none'; readonly version: 0 }
  /** On disk, nothing changed yet. `tries`: the number of applies that the end of the process cut off. */
  | { readonly phase: 'staged'; readonly version: number; readonly tries: number }
  | { readonly phase: 'applying'; readonly version: number; readonly tries: number }
  /** In force, and compared with the state before. `starts`: the number of process ends meanwhile. */
  | { readonly phase: 'watching'; readonly version: number; readonly starts: number }
  | ({
      readonly phase: 'rolling-back';
      readonly version: number;
      readonly tries: number;
      readonly leadsTo: 'staged' | 'rolled-back' | 'superseded';
    } & Why)
  | ({ readonly phase: Final; readonly version: number } & Why);

export interface Standing {
  readonly now: Step;
  /** The newest version that was taken or refused. A version at or below it is not new. */
  readonly seen: number;
  /** Came while `now` could not be replaced; the last one wins. */
  readonly next?: number | undefined;
}

export type DesiredEvent =
  /** A version that this box can take, and one that it can not. */
  | { readonly type: 'arrived'; readonly version: number }
  | { readonly type: 'arrived-wrong'; readonly version: number; readonly reason: string }
  /** Nothing moves, nothing is active and nothing has been edited now. */
  | { readonly type: 'quiet' }
  /** The staged version no longer fits the box. */
  | { readonly type: 'unfit'; readonly reason: string }
  | { readonly type: 'applied' }
  | { readonly type: 'apply-failed'; readonly reason: string }
  /** Somebody at the box has changed the content that the version sets. */
  | { readonly type: 'edited' }
  | ({ readonly type: 'worse' } & Why)
  /** Watched for long enough and no worse than before. */
  | { readonly type: 'held' }
  | { readonly type: 'undone' }
  /** The process has started anew. */
  | { readonly type: 'restarted' };

/** A step that the platform hears of. */
export interface Told extends Why {
  readonly phase: 'staged' | 'watching' | Final;
  readonly version: number;
}

export interface Moved {
  readonly standing: Standing;
  readonly told: readonly Told[];
}

/** A version that ends the process is not tried for ever. */
export const mostTries = 3;
export const locallyEdited = 'LOCALLY_EDITED';
const newerVersion = 'NEWER_VERSION';

export const nothingYet: Standing = { now: { phase: 'none', version: 0 }, seen: 0 };

/** The next standing. An event that does not belong to the phase changes nothing. */
export function moved(standing: Standing, event: DesiredEvent): Moved {
  if (event.type === 'arrived' || event.type === 'arrived-wrong') return arrived(standing, event);
  return moveOf(standing, event) ?? { standing, told: [] };
}

function moveOf(standing: Standing, event: DesiredEvent): Moved | undefined {
  const { now } = standing;
  if (now.phase === 'staged') return fromStaged(standing, now, event);
  if (now.phase === 'applying') return fromApplying(standing, now, event);
  if (now.phase === 'watching') return fromWatching(standing, now, event);
  if (now.phase === 'rolling-back') return event.type === 'undone' ? undone(standing, now) : undefined;
  const edited = now.phase === 'settled' && event.type === 'edited';
  return edited ? end(standing, 'superseded', locallyEdited) : undefined;
}

type At<Phase> = Step & { readonly phase: Phase };

function fromStaged(standing: Standing, now: At<'staged'>, event: DesiredEvent): Moved | undefined {
  if (event.type === 'quiet') return to(standing, { ...now, phase: 'applying' });
  if (event.type === 'unfit') return end(standing, 'refused', event.reason);
  return event.type === 'edited' ? end(standing, 'superseded', locallyEdited) : undefined;
}

function fromApplying(standing: Standing, now: At<'applying'>, event: DesiredEvent): Moved | undefined {
  const { version } = now;
  if (event.type === 'applied') return to(standing, { phase: 'watching', version, starts: 0 });
  if (event.type === 'apply-failed') {
    const leadsTo = event.reason === locallyEdited ? 'superseded' : 'rolled-back';
    return to(standing, { ...now, phase: 'rolling-back', leadsTo, reason: event.reason });
  }
  if (event.type !== 'restarted') return undefined;
  // Nobody knows how far the apply came, or whether the box is quiet. So it is rolled back, and then waits
  // again.
  const tries = now.tries + 1;
  const outcome =
    tries < mostTries
      ? ({ leadsTo: 'staged' } as const)
      : ({ leadsTo: 'rolled-back', reason: 'APPLY_INTERRUPTED' } as const);
  return to(standing, { phase: 'rolling-back', version, tries, ...outcome });
}

function fromWatching(standing: Standing, now: At<'watching'>, event: DesiredEvent): Moved | undefined {
  if (event.type === 'held') return end(standing, 'settled');
  if (event.type === 'edited') return end(standing, 'superseded', locallyEdited);
  if (event.type === 'worse') return undo(standing, now.version, event);
  if (event.type !== 'restarted') return undefined;
  const starts = now.starts + 1;
  return starts < mostTries
    ? { standing: { ...standing, now: { ...now, starts } }, told: [] }
    : undo(standing, now.version, { reason: 'RUNTIME_RESTARTS' });
}

function undone(standing: Standing, now: At<'rolling-back'>): Moved {
  if (now.leadsTo !== 'staged') return end(standing, now.leadsTo, now.reason, now.subject);
  return standing.next === undefined
    ? to(standing, { phase: 'staged', version: now.version, tries: now.tries })
    : end(standing, 'superseded', newerVersion);
}

/** True if a version may still be taken or refused; otherwise it is not new. */
export function isNews({ seen }: Standing, version: number): boolean {
  return version > seen;
}

function arrived(standing: Standing, event: DesiredEvent & { type: 'arrived' | 'arrived-wrong' }): Moved {
  const { version } = event;
  if (!isNews(standing, version)) return { standing, told: [] };
  const { now } = standing;
  const atRest = isFinal(now) || now.phase === 'none';
  if (event.type === 'arrived-wrong') {
    const refused: Told = { phase: 'refused', version, reason: event.reason };
    return {
      standing: { ...standing, seen: version, ...(atRest ? { now: refused as Step } : {}) },
      told: [refused],
    };
  }
  if (atRest) return stage({ ...standing, seen: version }, version);
  const newer = (old: number): Told => ({ phase: 'superseded', version: old, reason: newerVersion });
  if (now.phase === 'staged') {
    const staged = stage({ ...standing, seen: version }, version);
    return { ...staged, told: [newer(now.version), ...staged.told] };
  }
  const { next } = standing;
  return {
    standing: { ...standing, seen: version, next: version },
    told: next === undefined ? [] : [newer(next)],
  };
}

function stage(standing: Standing, version: number): Moved {
  const { next: _, ...rest } = standing;
  return {
    standing: { ...rest, now: { phase: 'staged', version, tries: 0 } },
    told: [{ phase: 'staged', version }],
  };
}

function to(standing: Standing, now: Step): Moved {
  const told: Told[] = now.phase === 'watching' ? [{ phase: now.phase, version: now.version }] : [];
  return { standing: { ...standing, now }, told };
}

function undo(standing: Standing, version: number, { reason, subject }: Why): Moved {
  return to(standing, { phase: 'rolling-back', version, tries: 0, leadsTo: 'rolled-back', reason, subject });
}

/** The version has come to its end; the one that waited behind it is staged. */
function end(standing: Standing, phase: Final, reason?: string, subject?: string): Moved {
  const done = {
    phase,
    version: standing.now.version,
    ...(reason === undefined ? {} : { reason }),
    ...(subject === undefined ? {} : { subject }),
  };
  const ended: Standing = { ...standing, now: done };
  if (standing.next === undefined) return { standing: ended, told: [done] };
  const staged = stage(ended, standing.next);
  return { ...staged, told: [done, ...staged.told] };
}

function isFinal(step: Step): step is Step & { phase: Final } {
  return ['settled', 'rolled-back', 'refused', 'superseded'].includes(step.phase);
}
