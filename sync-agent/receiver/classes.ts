import { EventClass, topics } from '@gatehouse/contracts';
import { errorOf } from '@gatehouse/kit';
import type { Protocol } from '../broker/link.ts';

/** Receivers of one group share the events of all boxes (MQTT 5.0, 4.8.2). */
const shareGroup = 'gatehouse-receivers';

/**
 * The classes that a receiver takes: `--classes`, repeated or with commas. All of them if none is given.
 * Throws `RECEIVER_SETTINGS` for a class that is none.
 */
export function readClasses(given: readonly string[]): readonly EventClass[] {
  const names = given.flatMap((text) => text.split(',')).map((name) => name.trim());
  const asked = names.filter((name) => name !== '');
  const wrong = asked.find((name) => !EventClass.safeParse(name).success);
  if (wrong !== undefined)
    throw errorOf('RECEIVER_SETTINGS/classes', {
      name: wrong.slice(0, 40),
      known: EventClass.options.join(', '),
    });
  return asked.length === 0 ? EventClass.options : EventClass.options.filter((name) => asked.includes(name));
}

/** The classes that somebody else must take. */
export function leftOut(classes: readonly EventClass[]): readonly EventClass[] {
  return EventClass.options.filter((name) => !classes.includes(name));
}

/**
 * Subscriptions of a receiver. One that takes all classes shares one subscription. One that does not has a
 * subscription and a group a class: a class is shared by all that take it, whatever else they take, and has a
 * queue of its own only where nobody who takes it takes another.
 */
export function eventFilters(prefix: string, classes: readonly EventClass[], protocol: Protocol): string[] {
  const shared = (group: string, filter: string) => (protocol === 5 ? `$share/${group}/${filter}` : filter);
  if (leftOut(classes).length === 0) return [shared(shareGroup, topics.allEvents(prefix))];
  return classes.map((name) => shared(`${shareGroup}-${name}`, topics.events(prefix, '+', name)));
}
