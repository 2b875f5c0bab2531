import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ZoneRule } from '@gatehouse/contracts';
import fc from 'fast-check';
import { IncidentEngine } from '../index.ts';
import { engineWith, type Mutant, slower, tampered } from './scenes/mutants.ts';
import type { EngineFactory } from './scenes/run.ts';
import { mistakesOn } from './streets/run.ts';
import type { Rule, Script } from './streets/script.ts';
import { streetsOf } from './streets/scripts.ts';

const real: EngineFactory = (cameras) => new IncidentEngine(cameras);
const rules: readonly Rule[] = ['illegal-parking', 'fire-passage', 'gate-congestion'];
const streets = new Map(rules.map((rule) => [rule, fc.sample(streetsOf(rule), { seed: 31, numRuns: 300 })]));

/** A street that the product gets right and a wrong version of it does not. */
function noticedOn(rule: Rule, create: EngineFactory): Script | undefined {
  return streets
    .get(rule)
    ?.find((script) => mistakesOn(script, create).length > 0 && mistakesOn(script, real).length === 0);
}

for (const rule of rules) {
  test(`${rule}: the streets notice thresholds that are a fifth longer`, () =>
    assert.ok(noticedOn(rule, tampered(slower))));
  test(`${rule}: the streets notice that it clears late`, () =>
    assert.ok(
      noticedOn(
        rule,
        tampered(({ clearAfterS }: ZoneRule) => ({ clearAfterS: clearAfterS + 15 })),
      ),
    ));
}
test('gate-congestion: the streets notice that one vehicle fewer is needed', () => {
  const fewer = (rule: ZoneRule) => (rule.kind === 'gate-congestion' ? { vehicles: rule.vehicles - 1 } : {});
  assert.ok(noticedOn('gate-congestion', tampered(fewer)));
});

/** Faults in our own source, and the rule whose streets must show them. */
const mutants: readonly (Mutant & { readonly rule: Rule })[] = [
  {
    rule: 'illegal-parking',
    fault: 'whoever is at the place goes on with the stay',
    file: 'rules/identity.ts',
    find: 'table.find(([, holds]) => holds(seen))?.[2] ?? true',
    replace: 'true',
  },
  {
    rule: 'illegal-parking',
    fault: 'a silent detector is taken for absence',
    file: 'rules/seating.ts',
    find: "if (o.left || sightOf(o, places) !== 'alike') return false;",
    replace: 'return false;',
  },
  {
    rule: 'illegal-parking',
    fault: 'every box is a vehicle',
    file: 'rules/body.ts',
    find: 'return iou(place, box) >= staysIou || sameBody(place, box);',
    replace: 'return iou(place, box) >= staysIou;',
  },
  {
    rule: 'illegal-parking',
    fault: 'the stands of a queue add up',
    file: 'rules/stay.ts',
    find: 'joinsShiftsAfterMs: Math.max(leastStandMs, dwellMs / 2)',
    replace: 'joinsShiftsAfterMs: 0',
  },
  {
    rule: 'illegal-parking',
    fault: 'a vehicle that is seen to leave has not left',
    file: 'rules/absence.ts',
    find: 'if (!own || !isUnique(own) || touches(own.box, o.place.box)) return false;',
    replace: 'return false;',
  },
  {
    rule: 'gate-congestion',
    fault: 'a queue that moves up counts as one that does not',
    file: 'rules/gate-congestion.ts',
    find: 'joinsShiftsAfterMs: null',
    replace: 'joinsShiftsAfterMs: 0',
  },
  {
    rule: 'illegal-parking',
    fault: 'state is lost over a restart',
    file: 'incidents/engine.ts',
    find: 'post.state = carried.state;',
    replace: '',
  },
  {
    rule: 'illegal-parking',
    fault: 'an open incident is opened again',
    file: 'rules/life.ts',
    find: 'openedMs: one.openedMs ?? atMs',
    replace: 'openedMs: null',
  },
  {
    rule: 'illegal-parking',
    fault: 'a place follows its object wherever it goes',
    file: 'rules/place.ts',
    find: 'const share = elapsedMs / (weightMs + elapsedMs);',
    replace: 'const share = 1;',
  },
  {
    rule: 'fire-passage',
    fault: 'an incident is never escalated',
    file: 'rules/fire-passage.ts',
    find: 'return urgent ? 1 :',
    replace: 'return false ? 1 :',
  },
  {
    rule: 'fire-passage',
    fault: 'the voice speaks again and again',
    file: 'rules/fire-passage.ts',
    find: 'return { ...o, promptedMs: atMs };',
    replace: 'return o;',
  },
  {
    rule: 'gate-congestion',
    fault: 'the first to stand decides, not the last',
    file: 'rules/gate-congestion.ts',
    find: "above('stuck', seconds(decisive?.stoodMs ?? 0), forS)",
    replace: "above('stuck', seconds(standing[0]?.stoodMs ?? 0), forS)",
  },
];

for (const [number, { rule, ...mutant }] of mutants.entries())
  test(`${rule}: the streets notice when ${mutant.fault}`, async () => {
    assert.ok(noticedOn(rule, await engineWith(mutant, 300 + number)));
  });
