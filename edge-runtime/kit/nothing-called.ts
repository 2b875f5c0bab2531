import { type ErrorKey, errorOf, type GatehouseError } from './errors.ts';
import { byNearness } from './nearest.ts';

/** More names than this help nobody in one line; the nearest are among them. */
const mostNames = 20;

/** Rows of the error table that name the thing asked for and the things that exist. */
type NamedKey = Extract<
  ErrorKey,
  | 'BUS_UNKNOWN'
  | 'CAMERA_UNKNOWN/named'
  | 'CARD_UNKNOWN'
  | 'DEVICE_UNKNOWN'
  | 'MODEL_UNKNOWN'
  | 'PROFILE_UNKNOWN'
  | 'READER_UNKNOWN'
  | 'SCENARIO_UNKNOWN'
  | 'USAGE/action'
  | 'USAGE/verb'
>;

/** The error for a name that nothing has. It lists the names that exist, the most likely one first. */
export function nothingCalled(key: NamedKey, name: string, known: readonly string[]): GatehouseError {
  const shown = name.length > 60 ? `${name.slice(0, 59)}…` : name;
  return errorOf(key, { name: shown, known: thereAre(name, known) });
}

/** `There are: east, west.`, nearest first. */
export function thereAre(name: string, known: readonly string[]): string {
  if (known.length === 0) return 'There is none.';
  const names = byNearness(name, known);
  const more = names.length > mostNames ? ` and ${names.length - mostNames} more` : '';
  return `There ${known.length === 1 ? 'is' : 'are'}: ${names.slice(0, mostNames).join(', ')}${more}.`;
}
