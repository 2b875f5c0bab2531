import type { ContactName, Device } from '@gatehouse/contracts';
import { type Debounced, debounced, unread } from './debounce.ts';

/**
 * A device's contacts as they count; absent where none is fitted. True means that it is so, however it is
 * wired.
 */
export type Contacts = { readonly [Name in ContactName]?: boolean };

export type ContactStates = { readonly [Name in ContactName]?: Debounced };

/**
 * Contacts of which one value counts at its first reading: a vehicle is there, a detector is faulty, a button
 * is pressed. The other value waits its time: a loop that flickers is not clear.
 */
const atOnce: { readonly [Name in ContactName]?: boolean } = { loop: true, loopFault: true, exit: true };

const usual = { wiring: 'normally-open', debounceMs: 50 } as const;

/** Takes a board's input bits in. */
export function readContacts(
  spec: Pick<Device, 'inputs' | 'contacts'> & Partial<Pick<Device, 'control'>>,
  before: ContactStates,
  bits: readonly boolean[],
  nowMs: number,
): ContactStates {
  const read: { [Name in ContactName]?: Debounced } = {};
  for (const name of wiredContacts(spec)) {
    const { wiring, debounceMs } = spec.contacts[name] ?? usual;
    const closed = bits[spec.inputs[name] ?? -1] === true;
    // A gate with one button is pressed at its closed end only: that it has left it counts at once.
    const early = name === 'closed' && spec.control === 'step-by-step' ? false : atOnce[name];
    read[name] = debounced(before[name] ?? unread, closed === (wiring === 'normally-open'), nowMs, {
      stableMs: debounceMs,
      ...(early === undefined ? {} : { atOnce: early }),
    });
  }
  return read;
}

export function wiredContacts({ inputs }: Pick<Device, 'inputs'>): ContactName[] {
  return contactNames.filter((name) => inputs[name] !== undefined);
}
const contactNames = ['open', 'closed', 'loop', 'loopFault', 'exit', 'tamper'] as const;

/** The contacts as they count. */
export function contactsOf(states: ContactStates): Contacts {
  const contacts: { [Name in ContactName]?: boolean } = {};
  for (const name of contactNames) {
    const value = states[name]?.value;
    if (value !== undefined) contacts[name] = value;
  }
  return contacts;
}

/**
 * When the last change that waits to be stable will count if it is read again then, monotonic milliseconds;
 * nothing if none waits.
 */
export function settlesAtMs(
  { contacts }: Pick<Device, 'contacts'>,
  states: ContactStates,
): number | undefined {
  const waiting = contactNames.flatMap((name) => {
    const pending = states[name]?.pending;
    return pending ? [pending.sinceMs + (contacts[name] ?? usual).debounceMs] : [];
  });
  return waiting.length === 0 ? undefined : Math.max(...waiting);
}

/** Fully open and fully closed at once cannot be: a contact or its wire is faulty. */
export function contactFault({ open, closed }: Contacts): boolean {
  return open === true && closed === true;
}
