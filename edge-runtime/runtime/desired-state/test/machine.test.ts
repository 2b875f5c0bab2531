import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type DesiredEvent, mostTries, moved, nothingYet, type Standing, type Told } from '../machine.ts';

/** The box's true content, as far as the version under way has changed it. */
type World = 'before' | 'half' | 'target' | 'edited';
interface Node {
  readonly standing: Standing;
  readonly world: World;
  readonly told: readonly Told[];
}

const newest = 3;
const finals = ['settled', 'rolled-back', 'refused', 'superseded'];

/** Every event that the shell could hand in now, with its effect on the world. */
function steps({ standing, world }: Node): readonly { event: DesiredEvent; world: World }[] {
  const { phase } = standing.now;
  const arrivals = Array.from({ length: newest }, (_, i) => i + 1).flatMap((version): DesiredEvent[] => [
    { type: 'arrived', version },
    { type: 'arrived-wrong', version, reason: 'NOT_PERMITTED' },
  ]);
  const same = [...arrivals, { type: 'restarted' } as const].map((event) => ({ event, world }));
  const when = (on: string, event: DesiredEvent, to: World = world) =>
    phase === on ? [{ event, world: to }] : [];
  return [
    ...same,
    ...(world === 'edited' ? [] : when('staged', { type: 'quiet' })),
    ...when('staged', { type: 'unfit', reason: 'ZONES_INVALID' }),
    ...(world === 'edited' ? when('staged', { type: 'edited' }) : []),
    // A kill leaves the apply at any stage.
    ...(phase === 'applying'
      ? (['before', 'half', 'target'] as const).map((to) => ({
          event: { type: 'restarted' } as const,
          world: to,
        }))
      : []),
    ...when('applying', { type: 'applied' }, 'target'),
    ...when('applying', { type: 'apply-failed', reason: 'FLOWS_INVALID' }, 'half'),
    ...when('applying', { type: 'apply-failed', reason: 'LOCALLY_EDITED' }, 'edited'),
    ...when('watching', { type: 'worse', reason: 'RULES_STOPPED', subject: 'east' }),
    ...(world === 'edited' ? when('watching', { type: 'edited' }) : when('watching', { type: 'held' })),
    ...when('rolling-back', { type: 'undone' }, world === 'edited' ? 'edited' : 'before'),
    ...(world === 'edited' ? when('settled', { type: 'edited' }) : []),
  ];
}

/** Somebody at the box changes things at any time, except in the middle of an apply. */
function hands({ standing, world, told }: Node): Node[] {
  const now = standing.now.phase;
  return world !== 'edited' && ['staged', 'watching', 'settled'].includes(now)
    ? [{ standing, told, world: 'edited' }]
    : [];
}

function next(node: Node): Node[] {
  const moves = steps(node).map(({ event, world }): Node => {
    const { standing, told } = moved(node.standing, event);
    check(node, event, standing, told, world);
    // A staged version begins from the content in force at that time.
    const begins = told.some(({ phase }) => phase === 'staged');
    return { standing, told: [...node.told, ...told], world: begins ? 'before' : world };
  });
  return [...moves, ...hands(node)];
}

function check(
  before: Node,
  event: DesiredEvent,
  after: Standing,
  told: readonly Told[],
  world: World,
): void {
  const { now } = after;
  const where = JSON.stringify({ before, event, after });
  if (now.phase === 'applying' && before.standing.now.phase !== 'applying')
    assert.equal(event.type, 'quiet', `applies only when it is quiet: ${where}`);
  if (event.type === 'arrived' && event.version <= before.standing.seen)
    assert.deepEqual([after, told], [before.standing, []], `an old version is nothing: ${where}`);
  assert.ok(after.seen >= before.standing.seen, where);
  assert.ok((after.next ?? now.version) <= after.seen, where);
  assert.equal(
    finals.includes(now.phase) && after.next !== undefined,
    false,
    `nothing waits for ever: ${where}`,
  );
  if (now.phase === 'staged') assert.ok(now.tries < mostTries, where);
  const whole = ['before', 'edited'].includes(world);
  if (now.phase === 'staged')
    assert.ok(whole || told.length > 0, `nothing half is left behind a retry: ${where}`);
  for (const { phase, version, reason } of told) {
    if (finals.includes(phase))
      assert.equal(
        before.told.some((one) => one.version === version && finals.includes(one.phase)),
        before.told.some((one) => one.version === version && one.phase === 'settled') &&
          phase === 'superseded',
        `one end a version, but for a settled one that is edited later: ${where}`,
      );
    if (phase === 'settled') assert.equal(world, 'target', where);
    const mine = version === before.standing.now.version;
    if (mine && (phase === 'rolled-back' || phase === 'refused' || reason === 'NEWER_VERSION'))
      assert.ok(whole, `${phase} leaves nothing behind: ${where}`);
  }
}

test('every standing that can be reached, with kills, edits and versions in any order, keeps what the machine promises', () => {
  const seen = new Map<string, Node>();
  const onward = new Map<string, string[]>();
  const keyOf = ({ standing, world, told }: Node) =>
    JSON.stringify([standing, world, told.map(({ phase, version }) => `${phase}${version}`).toSorted()]);
  let edge: Node[] = [{ standing: nothingYet, world: 'before', told: [] }];
  while (edge.length > 0) {
    const found: Node[] = [];
    for (const node of edge) {
      const key = keyOf(node);
      if (seen.has(key)) continue;
      seen.set(key, node);
      const followers = next(node).map((one) => ({
        ...one,
        // Only the number of reports is unbounded: one report counts like many.
        told: one.told.filter(
          (a, i) => one.told.findIndex((b) => JSON.stringify(b) === JSON.stringify(a)) === i,
        ),
      }));
      onward.set(key, followers.map(keyOf));
      found.push(...followers);
    }
    edge = found;
  }
  assert.ok(seen.size > 500, String(seen.size));
  // From everywhere something final can be reached, so that no version hangs.
  const good = new Set(
    [...seen].filter(([, { standing }]) => finals.includes(standing.now.phase)).map(([k]) => k),
  );
  for (let before = -1; before !== good.size; ) {
    before = good.size;
    for (const [key, to] of onward) if (to.some((one) => good.has(one))) good.add(key);
  }
  const stuck = [...seen.keys()].filter((key) => !good.has(key));
  assert.deepEqual(stuck, []);
});

test('a version that always ends the process is given up after three tries, and so is one that is being watched', () => {
  let { standing } = moved(nothingYet, { type: 'arrived', version: 7 });
  for (let n = 0; n < mostTries; n++) {
    assert.equal(standing.now.phase, 'staged');
    for (const type of ['quiet', 'restarted', 'undone'] as const)
      standing = moved(standing, { type }).standing;
  }
  assert.deepEqual(standing.now, { phase: 'rolled-back', version: 7, reason: 'APPLY_INTERRUPTED' });
  for (const event of [{ type: 'arrived', version: 8 }, { type: 'quiet' }, { type: 'applied' }] as const)
    standing = moved(standing, event).standing;
  for (let n = 0; n < mostTries; n++) standing = moved(standing, { type: 'restarted' }).standing;
  assert.deepEqual(
    [standing.now.phase, 'reason' in standing.now && standing.now.reason],
    ['rolling-back', 'RUNTIME_RESTARTS'],
  );
});

/** Feeds messages in order, with so many steps of the box's own after each, and then lets it come to rest. */
function play(messages: readonly { version: number; wrong: boolean }[], pace: readonly number[]) {
  let standing = nothingYet;
  const told: Told[] = [];
  const feed = (event: DesiredEvent) => {
    const step = moved(standing, event);
    standing = step.standing;
    told.push(...step.told);
  };
  const forward: readonly DesiredEvent[] = [{ type: 'quiet' }, { type: 'applied' }, { type: 'held' }];
  for (const [i, { version, wrong }] of messages.entries()) {
    feed(wrong ? { type: 'arrived-wrong', version, reason: 'NOT_PERMITTED' } : { type: 'arrived', version });
    for (const event of forward.slice(0, pace[i] ?? 0)) feed(event);
  }
  for (let n = 0; n < 3; n++) for (const event of forward) feed(event);
  return { standing, settled: told.filter(({ phase }) => phase === 'settled').map(({ version }) => version) };
}

test('whatever arrives in whatever order, the highest version that could be taken is the one that ends in force', () => {
  const arrivals = fc.array(fc.record({ version: fc.integer({ min: 1, max: 20 }), wrong: fc.boolean() }), {
    maxLength: 30,
  });
  fc.assert(
    fc.property(arrivals, fc.array(fc.nat(3), { maxLength: 30 }), (messages, pace) => {
      const news = messages.filter(({ version }, i) =>
        messages.slice(0, i).every((m) => m.version < version),
      );
      const best = news.findLast(({ wrong }) => !wrong)?.version;
      const { standing, settled } = play(messages, pace);
      assert.equal(settled.at(-1), best);
      assert.equal(standing.seen, news.at(-1)?.version ?? 0);
    }),
  );
});
