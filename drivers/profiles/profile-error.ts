import type { TextFault, TextProblem } from '@gatehouse/contracts';
import { GatehouseError } from '@gatehouse/kit';
import type { z } from 'zod';

/**
 * A profile that cannot be used: `PROFILE_INVALID`, with file, line and field of the first mistake, and all
 * of them.
 */
export class ProfileError extends GatehouseError {
  readonly file: string;
  readonly problems: readonly TextProblem[];
  constructor(file: string, problems: readonly TextProblem[], cause?: unknown) {
    const [first, ...more] = problems;
    const rest = more.length > 0 ? ` (and ${more.length} more: gatehouse config check)` : '';
    const message = `${file}:${first?.line ?? 1}: ${first?.path}: ${first?.message}${rest}.`;
    super('PROFILE_INVALID', 'input', message, 'Correct the profile.', { cause });
    this.name = 'ProfileError';
    this.file = file;
    this.problems = problems;
  }
}

/**
 * What boards want and this software does not do, by the word that a profile would say it with: why not, or
 * what instead.
 */
const refused: Readonly<Record<string, string>> = {
  toggle: 'after a lost answer nobody would know whether the relay is on or off',
  all: 'it moves every relay of the board',
  broadcast: 'it moves the relays of every board',
  word: [
    'writing a whole word writes the neighbours of a relay as well,',
    'and undoes what the board or a hand switch has changed since it was read;',
    'use "register-bit" if the board knows function 22, or a coil a relay',
  ].join(' '),
  ascii: 'boards are spoken to in Modbus RTU or Modbus TCP',
  float64: 'two registers hold a value at most',
  int64: 'two registers hold a value at most',
  uint64: 'two registers hold a value at most',
};

/** Keys that have been tried, and what is there instead. */
const otherKeys: Readonly<Record<string, string>> = {
  firstCoil: 'say "write": { "by": "coil", "first": … } and "read": { "by": "coils", "first": … }',
  firstRegister: 'say "write": { "by": "register", "first": … } and "read": { "by": "holding", "first": … }',
  firstInput: 'say "read": { "by": "inputs", "first": … }',
  readsOn: 'say "read": { "by": "holding", "first": …, "on": … }',
  toggle: `not supported: ${refused.toggle}`,
  all: `not supported: ${refused.all}`,
  password: 'not supported: a board that must be unlocked by another write first',
  unlock: 'not supported: a board that must be unlocked by another write first',
  offset: 'not supported: a value is what is read times "scale"',
};

/**
 * zod's words for a mistake in a profile, as its author needs them: what is not supported, why, and what is.
 */
export function explainProfile(issue: z.core.$ZodIssue, input: unknown): TextFault[] {
  const { path } = issue;
  const written = valueAt(input, path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        path: [...path, key],
        message: `unknown key "${key}"${otherKeys[key] ? `: ${otherKeys[key]}` : ''}`,
      }));
    case 'invalid_value':
      return [{ path, message: notSupported(written, issue.values) }];
    case 'invalid_union':
      return [{ path, message: notSupported(written, optionsOf(issue)) }];
    case 'invalid_type':
      return [{ path, message: written === undefined ? `is missing (${issue.expected})` : issue.message }];
    default:
      return [{ path, message: issue.message }];
  }
}

function notSupported(written: unknown, supported: readonly unknown[]): string {
  const list = supported.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join(', ');
  if (written === undefined) return `is missing; it is one of ${list}`;
  const why = typeof written === 'string' ? refused[written] : undefined;
  return `${JSON.stringify(written)} is not supported${why ? ` (${why})` : ''}; supported are ${list}`;
}

/** What a union would have taken: the names of its kinds, or its values. */
function optionsOf(issue: Extract<z.core.$ZodIssue, { code: 'invalid_union' }>): readonly unknown[] {
  if ('options' in issue && Array.isArray(issue.options)) return issue.options;
  return issue.errors.flat().flatMap((inner) => (inner.code === 'invalid_value' ? inner.values : []));
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let at = input;
  for (const key of path) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = Reflect.get(at, key);
  }
  return at;
}
