import { filled, type Slots } from './row.ts';
import { faultLines, noteLines } from './rows/health.ts';

/** Every line that the health of a service can have. */
export const healthLines = { ...faultLines, ...noteLines };

type Lines = typeof healthLines;
export type HealthKey = keyof Lines;
/** A line that tells a fault; the others are notes. */
export type FaultKey = keyof typeof faultLines;
type ValueNames<Key extends HealthKey> = Slots<Lines[Key]['en']>;

/** Lines of faults that have this value, such as `error`. */
export type FaultKeyWith<Name extends string> = {
  readonly [Key in FaultKey]: Name extends ValueNames<Key> ? Key : never;
}[FaultKey];

/** The values of a line, but for those that `Given` names; no argument where there are none. */
export type HealthValues<Key extends HealthKey, Given extends string = never> = [
  Exclude<ValueNames<Key>, Given>,
] extends [never]
  ? []
  : [values: { readonly [Name in Exclude<ValueNames<Key>, Given>]: string | number }];

declare const isLine: unique symbol;
/** A line of the table in English, as it travels. It is no other text, so a note cannot be any sentence. */
export type HealthLine = string & { readonly [isLine]: true };

/** Makes a line of the table: `healthLine('PICTURES_WAIT', { hours: 2 })`. */
export function healthLine<Key extends HealthKey>(key: Key, ...[values]: HealthValues<Key>): HealthLine {
  return healthLineOf(key, values ?? {});
}

/** The same with values that the compiler does not compare, for a function that has put them together. */
export function healthLineOf(key: HealthKey, values: Readonly<Record<string, unknown>>): HealthLine {
  return filled(healthLines[key].en, values) as HealthLine;
}
