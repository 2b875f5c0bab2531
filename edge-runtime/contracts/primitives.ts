import { z } from 'zod';

/** Names of cameras, zones, devices, buses. They go into topics, paths and file names. */
export const Id = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 of a-z, 0-9 and "-", starting with a letter or digit')
  .describe('Identifier: lower case letters, digits and hyphens');
export type Id = z.infer<typeof Id>;

/** RFC 3339 date and time with an offset, as people and the platform read it. */
export const Instant = z.iso.datetime({ offset: true }).describe('RFC 3339 date-time with offset');
export type Instant = z.infer<typeof Instant>;

/**
 * RFC 3339 with at most three decimals, in a pattern that every engine of regular expressions reads alike
 * (`[0-9]`, not `\d`).
 */
const wireInstant = z.regexes
  .datetime({ offset: true })
  .source.replaceAll('\\d', '[0-9]')
  .replace('[0-9]+)?', '[0-9]{1,3})?');

/** An instant as it leaves the box: to the millisecond, so that its decimals hold nothing else. */
export const WireInstant = z
  .string()
  .regex(new RegExp(wireInstant))
  .meta({ format: 'date-time', description: 'RFC 3339 date-time with offset, to the millisecond' });
export type WireInstant = z.infer<typeof WireInstant>;

/** Names a store from when it was made, restored or recovered until the next time; the box draws it. */
export const Epoch = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{7,39}$/, 'must be 8 to 40 of a-z, 0-9 and "-"')
  .describe('Store epoch: 8 to 40 lower case letters, digits and hyphens');
export type Epoch = z.infer<typeof Epoch>;

/**
 * The name of a login: letters and digits of Latin, Cyrillic, Japanese, Chinese and Korean, and `._-`. It
 * leaves the box in the record of a command that its user gave. The ranges are written out, because not every
 * validator reads `\p{…}`.
 */
export const LoginName = z
  .string()
  .regex(
    /^[0-9A-Za-zÀ-ÖØ-öø-ɏЀ-ӿぁ-ヿ㐀-䶿一-鿿가-힣][0-9A-Za-zÀ-ÖØ-öø-ɏЀ-ӿぁ-ヿ㐀-䶿一-鿿가-힣._-]{0,31}$/,
    'must be 1 to 32 letters, digits or "._-", starting with a letter or digit',
  )
  .describe('Name of a login: 1 to 32 letters, digits or "._-"');
export type LoginName = z.infer<typeof LoginName>;

/** Text of people that stays where it is: up to `most` characters without control characters. */
export function plainText(least: number, most: number) {
  return z
    .string()
    .regex(new RegExp(`^[^\\x00-\\x1f\\x7f]{${least},${most}}$`, 'u'), 'must not hold control characters');
}

/** A name shown to people, in both languages of the product. */
export const LocalName = z.strictObject({
  'zh-CN': z.string().min(1).max(60),
  en: z.string().min(1).max(60),
});
export type LocalName = z.infer<typeof LocalName>;

/** A point as fractions of the picture: [x, y], (0,0) top left, (1,1) bottom right. */
export const Point = z.tuple([z.number().min(0).max(1), z.number().min(0).max(1)]);
export type Point = z.infer<typeof Point>;

/** A box as fractions of the picture; x1 < x2 and y1 < y2. */
export const Box = z.strictObject({
  x1: z.number().min(0).max(1),
  y1: z.number().min(0).max(1),
  x2: z.number().min(0).max(1),
  y2: z.number().min(0).max(1),
});
export type Box = z.infer<typeof Box>;

/**
 * The classes that rules know; a model's catalogue entry maps its own labels to these. `object` comes from no
 * detector: it is an unknown thing that was left behind and does not move.
 */
export const ObjectClass = z.enum(['person', 'bicycle', 'car', 'motorcycle', 'bus', 'truck', 'object']);
export type ObjectClass = z.infer<typeof ObjectClass>;

/**
 * Classes that detectors take for one another: a car flickers to truck and bus, an e-bike between the two
 * cycles.
 */
export type ClassGroup = 'person' | 'cycle' | 'vehicle' | 'object';

const groups: Readonly<Record<ObjectClass, ClassGroup>> = {
  person: 'person',
  bicycle: 'cycle',
  motorcycle: 'cycle',
  car: 'vehicle',
  bus: 'vehicle',
  truck: 'vehicle',
  object: 'object',
};

/** The group within which a change of class does not make another object. */
export function classGroup(objectClass: ObjectClass): ClassGroup {
  return groups[objectClass];
}

/**
 * Classes of events for the platform, highest first. Each has its own sequence and its own cumulative
 * acknowledgement. Alarm and door are never dropped. Health and telemetry (periodic numbers) make room,
 * oldest first, and a gap event says so.
 */
export const EventClass = z.enum(['alarm', 'door', 'health', 'telemetry']);
export type EventClass = z.infer<typeof EventClass>;
