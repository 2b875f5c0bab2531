import { type Fault, GatehouseError } from './gatehouse-error.ts';
import { type CodeOf, codeOf, filled, type Row, type Slots, slot } from './row.ts';
import { errorTable } from './table.ts';

type Table = typeof errorTable;
export type ErrorKey = keyof Table;
export type ErrorCode = CodeOf<ErrorKey>;

type Value = string | number | null | undefined;
/** The values that the texts of a row take. */
export type ErrorValues<Key extends ErrorKey> = {
  readonly [Name in Slots<Table[Key]['en'][0] | Table[Key]['en'][1]>]: Value;
};
type Rest<Key extends ErrorKey> = [keyof ErrorValues<Key>] extends [never]
  ? [values?: Readonly<Record<string, never>>, options?: ErrorOptions]
  : [values: ErrorValues<Key>, options?: ErrorOptions];

/**
 * Makes an error of the table: `throw errorOf('CAMERA_UNKNOWN', { id })`. Its text is English, for logs and
 * the wire.
 */
export function errorOf<Key extends ErrorKey>(
  key: Key,
  ...[values = {}, options]: Rest<Key>
): GatehouseError {
  const { fault, message, remedy } = partsOf(key, values);
  return new GatehouseError(codeOf(key), fault, message, remedy, options);
}

/** The texts and the fault of an error of the table, for a class of its own that takes the parts. */
export function partsOf(
  key: ErrorKey,
  values: Readonly<Record<string, unknown>>,
): { readonly fault: Fault; readonly message: string; readonly remedy: string } {
  const { fault, en }: Row = errorTable[key];
  return { fault, message: filled(en[0], values), remedy: filled(en[1], values) };
}

/** HTTP status of errors whose code has none of its own. */
export const statusByFault: Readonly<Record<Fault, number>> = {
  input: 400,
  environment: 503,
  peer: 502,
  bug: 500,
};

/**
 * The HTTP status of an error, also of one that another process has reported: there the same code may be
 * another's fault.
 */
export function statusOf({ code, fault }: { readonly code: string; readonly fault: Fault }): number {
  const found = rowsOf(code);
  const same = found.filter((row) => row.fault === fault);
  const named = (same.length > 0 ? same : found).find(({ status }) => status !== undefined);
  return named?.status ?? statusByFault[fault];
}

const rowsByCode = Map.groupBy(Object.entries<Row>(errorTable), ([key]) => codeOf(key));

/** The rows of a code; those whose text is fixed further come first, because a text may fit several. */
export function rowsOf(code: string): readonly Row[] {
  const found = rowsByCode.get(code)?.map(([, row]) => row) ?? [];
  return found.toSorted((a, b) => fixedLength(b) - fixedLength(a));
}

function fixedLength({ en }: Row): number {
  return fixedPart(en.join('')).length;
}

/** A text without its values. */
export function fixedPart(text: string): string {
  return text.replaceAll(slot, '');
}
