/**
 * The incidents of parking and fire passages that a street must raise, from its script alone. Imports nothing
 * of the product (see script.ts).
 */
import type { Found } from '../scenes/oracle.ts';
import { inside, type Span } from '../scenes/script.ts';
import { type Mistake, orderOf } from './mistakes.ts';
import type { Script } from './script.ts';
import { clearedOf, type Due, delayS, dueOf, type Stay, staysOf } from './stays.ts';

type Story = readonly [stay: string, found: readonly Found[]];

/** All mistakes in the findings; stays of which nobody could tell may be told or not. */
export function mistakesOfStays(script: Script, found: readonly Found[]): Mistake[] {
  const stories: Story[] = [...Map.groupBy(found, ({ occupancy }) => occupancy)];
  const wrongOrder = stories.flatMap(([stay, story]) => orderOf(stay, story));
  const stays = staysOf(script);
  const owned = Map.groupBy(stories, ([, story]) => stays.find((stay) => isOf(script, stay, story)));
  const strays = (owned.get(undefined) ?? []).map(
    ([, [first]]): Mistake => ({
      what: first?.phase === 'voice' ? 'prompt' : 'not due',
      text: `nobody stood there: ${JSON.stringify(first)}`,
    }),
  );
  const mistakes = stays
    .filter(({ actor }) => !script.untold.includes(actor))
    .flatMap((stay) => mistakesOf(script, stay, owned.get(stay) ?? []));
  return [...wrongOrder, ...strays, ...mistakes];
}

/** True if the script does not say of some stay whether it is due. */
export function isClose(script: Script): boolean {
  return staysOf(script).some((stay) => dueOf(script, stay, script.dwellS).incident === 'either');
}

function mistakesOf(script: Script, stay: Stay, stories: readonly Story[]): Mistake[] {
  const who = `vehicle ${stay.actor}, ${stay.stands.map(({ fromS, toS }) => `${fromS} to ${toS}`)} s`;
  const mistake = (what: Mistake['what'], text: string): Mistake => ({ what, text: `${who}: ${text}` });
  const incidents = stories
    .map(([, story]) => story.filter(({ phase }) => phase !== 'voice'))
    .filter((story) => story.length > 0);
  const due = dueOf(script, stay, script.dwellS);
  const dueText = `due ${textOf(due.opened)}`;
  const stages = stagesOf(
    script,
    stay,
    stories.flatMap(([, story]) => story),
  ).map(({ what, text }) => mistake(what, text));
  const [first, second] = incidents;
  if (!first) return due.incident === 'one' ? [mistake('missed', dueText), ...stages] : stages;
  if (due.incident === 'none') return [mistake('not due', `opened at ${first[0]?.t}`)];
  if (second) return [mistake('twice', `opened at ${incidents.map(([one]) => one?.t)}`)];
  const openedS = first[0]?.t ?? 0;
  if (openedS < due.opened.fromS) return [mistake('early', `opened at ${openedS}, ${dueText}`)];
  if (openedS > due.opened.toS) return [mistake('late', `opened at ${openedS}, ${dueText}`)];
  const cleared = clearedOf(script, stay);
  const last = first.at(-1);
  const clearedText = `due ${textOf(cleared)}`;
  if (last?.phase !== 'cleared')
    return cleared.toS < script.endS ? [mistake('not cleared', clearedText), ...stages] : stages;
  if (last.t < cleared.fromS) return [mistake('cleared early', `at ${last.t}, ${clearedText}`)];
  if (last.t > cleared.toS) return [mistake('cleared late', `at ${last.t}, ${clearedText}`)];
  return stages;
}

/** One prompt at half the dwell and priority 1 from one and a half on. */
function stagesOf(script: Script, stay: Stay, found: readonly Found[]): Mistake[] {
  if (script.rule !== 'fire-passage') return [];
  const voice = dueOf(script, stay, script.dwellS / 2);
  const prompts = found.filter(({ phase }) => phase === 'voice').map(({ t }) => t);
  const openedS = found.find(({ phase }) => phase === 'opened')?.t ?? Number.POSITIVE_INFINITY;
  // A vehicle that was hidden until its alarm was due needs no prompt any more.
  const mistakes = stage(
    'prompt',
    prompts,
    openedS < voice.opened.toS ? { ...voice, incident: 'either' } : voice,
  );
  const urgent = dueOf(script, stay, 1.5 * script.dwellS);
  const escalated = found.filter(({ phase, priority }) => priority === 1 && phase !== 'cleared').slice(0, 1);
  return [
    ...mistakes,
    ...stage(
      'escalation',
      escalated.map(({ t }) => t),
      urgent,
    ),
  ];
}

function stage(
  what: 'prompt' | 'escalation',
  times: readonly number[],
  { incident, opened }: Due,
): Mistake[] {
  const wanted = { one: [1], none: [0], either: [0, 1] }[incident];
  if (!wanted.includes(times.length)) return [{ what, text: `${times.length} of ${what}, due ${incident}` }];
  return times
    .filter((t) => t < opened.fromS || t > opened.toS)
    .map((t) => ({ what, text: `${what} at ${t}, due ${textOf(opened)}` }));
}

/** A story is of the stay where its vehicle stood, or had just begun to roll on, when it began. */
function isOf(script: Script, { actor, stands }: Stay, [first]: readonly Found[]): boolean {
  const { width = 0, height = 0 } = script.actors[actor] ?? {};
  const lateS = delayS + 1 / script.fps;
  return stands.some(
    ({ x, y, fromS, toS }) =>
      first !== undefined &&
      inside(first.t, { fromS, toS: toS + lateS }) &&
      Math.abs(first.x - x) < 0.6 * width &&
      Math.abs(first.y - y) < 0.5 * height,
  );
}

function textOf({ fromS, toS }: Span): string {
  return `${fromS.toFixed(2)} to ${toS.toFixed(2)}`;
}
