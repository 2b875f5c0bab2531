import {
  type Language,
  type PlacedFault,
  problemOf,
  type Said,
  type Schema,
  type Shape,
  type SiteFault,
  type SiteFaultCode,
  type SiteProblem,
} from '@gatehouse/contracts';
import { GatehouseError, inWords, partsOf } from '@gatehouse/kit';
import { z } from 'zod';
import { ProfileFile } from './profile-file.ts';

/**
 * A profile that cannot be used: `PROFILE_INVALID`, with file, line and field of the first mistake, and all
 * of them.
 */
export class ProfileError extends GatehouseError {
  readonly file: string;
  readonly faults: readonly PlacedFault[];
  constructor(file: string, faults: readonly PlacedFault[], cause?: unknown) {
    const { fault, message, remedy } = partsOf(...firstOf(file, faults, 'en'));
    super('PROFILE_INVALID', fault, message, remedy, { cause });
    this.name = 'ProfileError';
    this.file = file;
    this.faults = faults;
  }

  /** The first mistake, and how many more there are, in a person's language. */
  told(language: Language): Said {
    const { message, remedy } = partsOf(...firstOf(this.file, this.faults, language));
    const [inWordsMessage, inWordsRemedy] = inWords({ code: this.code, message, remedy }, language);
    return { message: inWordsMessage, remedy: inWordsRemedy };
  }

  /** Every mistake, as `config check` tells it. */
  problems(language: Language): (SiteProblem & { readonly file: string })[] {
    return this.faults.map((fault) => ({ file: this.file, ...problemOf(fault, language) }));
  }
}

function firstOf(
  file: string,
  faults: readonly PlacedFault[],
  language: Language,
): Parameters<typeof partsOf> {
  const [first, ...others] = faults.map((fault) => problemOf(fault, language));
  const values = {
    place: `${file}:${first?.line ?? 1}: ${first?.path}`,
    problem: first?.message,
    remedy: first?.remedy ?? 'Correct the profile',
  };
  if (others.length === 0) return ['PROFILE_INVALID', values];
  const more = { count: others.length, command: 'gatehouse config check' };
  return ['PROFILE_INVALID/more', { ...values, ...more }];
}

/** Wishes of boards that this software does not support, by the word that a profile would use. */
const refused: Readonly<Record<string, SiteFaultCode>> = {
  toggle: 'refused-toggle',
  all: 'refused-all',
  broadcast: 'refused-broadcast',
  word: 'refused-word',
  ascii: 'refused-ascii',
  float64: 'refused-64-bit',
  int64: 'refused-64-bit',
  uint64: 'refused-64-bit',
};
/** The same, by the key. */
const refusedKeys: Readonly<Record<string, SiteFaultCode>> = {
  toggle: 'refused-toggle',
  all: 'refused-all',
  password: 'refused-unlock',
  unlock: 'refused-unlock',
  offset: 'refused-offset',
};
/** Keys of earlier profiles, and what is there instead. */
const otherKeys: Readonly<Record<string, string>> = {
  firstCoil: '"write": { "by": "coil", "first": 0 }, "read": { "by": "coils", "first": 0 }',
  firstRegister:
    '"write": { "by": "register", "first": 0, "on": 1, "off": 0 }, "read": { "by": "holding", "first": 0, "on": 1 }',
  firstInput: '"read": { "by": "inputs", "first": 0 }',
  readsOn: '"read": { "by": "holding", "first": 0, "on": 1 }',
};

let whole: Schema | undefined;
function profileSchema(): Schema {
  whole ??= z.toJSONSchema(ProfileFile, { io: 'input', unrepresentable: 'any' }) as Schema;
  return whole;
}

/** How a profile looks: JSON, by its schema, and what boards want that is not supported. */
export const profileShape: Shape = { schema: profileSchema, style: 'json', special };

function special(issue: z.core.$ZodIssue, found: unknown): SiteFault[] | undefined {
  const { path } = issue;
  if (path.length === 0 && issue.code === 'invalid_type') return [{ path, code: 'not-a-profile' }];
  if (issue.code === 'unrecognized_keys' && issue.keys.every((key) => key in refusedKeys || key in otherKeys))
    return issue.keys.map((key) => unknownKey(path, key));
  const code = typeof found === 'string' ? refused[found] : undefined;
  if (code === undefined || (issue.code !== 'invalid_value' && issue.code !== 'invalid_union'))
    return undefined;
  return [{ path, code, values: { found: String(found) } }];
}

function unknownKey(path: SiteFault['path'], key: string): SiteFault {
  const code = refusedKeys[key];
  const at = [...path, key];
  if (code) return { path: at, code, values: { found: key } };
  return { path: at, code: 'key-of-before', values: { key, instead: otherKeys[key] } };
}
