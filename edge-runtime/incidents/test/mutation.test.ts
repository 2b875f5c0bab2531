import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { engineWith, type Mutant } from './scenes/mutants.ts';
import { judge } from './scenes/oracle.ts';
import { findingsOf } from './scenes/run.ts';
import { scriptsOf } from './scenes/scripts.ts';

/** The ways in which other systems went wrong, put into our own source. */
const mutants: readonly Mutant[] = [
  {
    fault: 'dwell hangs on the track id',
    file: 'rules/seating.ts',
    find: 'return goesOnAs(o.class, track.class) && isAt(o.place.box, track.box)',
    replace: 'return track.id === o.trackId && isAt(o.place.box, track.box)',
  },
  {
    fault: 'what was parked before the first frame never alarms',
    file: 'rules/illegal-parking.ts',
    find: 'isMet: () => conditions(o, context)',
    replace: 'isMet: () => o.sinceMs >= 1500 && conditions(o, context)',
  },
  {
    fault: 'dwell is counted in frames',
    file: 'rules/stays.ts',
    find: 'stoodMs: o.stoodMs + (unbroken ? unseenMs : 0),',
    replace: 'stoodMs: o.stoodMs + 200,',
  },
  {
    fault: 'unseen time counts as dwell, however long',
    file: 'rules/stays.ts',
    find: 'stoodMs: o.stoodMs + (unbroken ? unseenMs : 0),',
    replace: 'stoodMs: o.stoodMs + unseenMs,',
  },
  {
    fault: 'one missed frame clears',
    file: 'rules/stays.ts',
    find: 'if (Math.round(o.absentMs) >= terms.clearMs) return !stays.some(',
    replace: 'if (true) return ![].some(',
  },
  {
    fault: 'time without frames counts as absence',
    file: 'rules/stays.ts',
    find: 'watchedMs: watchedMs(state.lastMs, atMs, terms.gapMs),',
    replace: 'watchedMs: pauseMs,',
  },
  {
    fault: 'a hidden place counts as empty',
    file: 'rules/absence.ts',
    find: 'const absentMs = o.absentMs + (hidden ? 0 : missedMs);',
    replace: 'const absentMs = o.absentMs + missedMs;',
  },
  {
    fault: 'nothing ever clears',
    file: 'rules/stays.ts',
    find: 'if (Math.round(o.absentMs) >= terms.clearMs) return !stays.some(',
    replace: 'if (false) return !stays.some(',
  },
  {
    fault: 'an open incident is opened again',
    file: 'rules/life.ts',
    find: 'openedMs: one.openedMs ?? atMs',
    replace: 'openedMs: null',
  },
  {
    fault: 'the zone is ignored',
    file: 'rules/seating.ts',
    find: 'if (!terms.inside(track.box) || isKnown',
    replace: 'if (isKnown',
  },
  {
    fault: 'visits add up: a place never forgets',
    file: 'rules/stays.ts',
    find: 'if (Math.round(o.absentMs) >= terms.clearMs) return !stays.some(',
    replace: 'if (o.openedMs !== null && Math.round(o.absentMs) >= terms.clearMs) return !stays.some(',
  },
  {
    fault: 'state is lost over a restart',
    file: 'incidents/engine.ts',
    find: 'post.state = carried.state;',
    replace: '',
  },
  {
    fault: 'a place follows its object wherever it goes',
    file: 'rules/place.ts',
    find: 'const share = elapsedMs / (weightMs + elapsedMs);',
    replace: 'const share = 1;',
  },
];

/** The scenes of the property test; a fault has to show within them. */
const scenes = fc.sample(scriptsOf('illegal-parking'), { seed: 11, numRuns: 200 });

for (const [number, mutant] of mutants.entries())
  test(`the scenes notice when ${mutant.fault}`, async () => {
    const create = await engineWith(mutant, number);
    const noticed = scenes.some((script) => judge(script, findingsOf(script, create)) !== undefined);
    assert.ok(noticed, 'no scene failed: the oracle is blind to this fault');
  });
