import { z } from 'zod';
import { type DeviceAction, DeviceKind, InputKind, maxHoldSeconds } from '../device.ts';
import { Id, LocalName } from '../primitives.ts';

const channel = z.int().min(0).max(31);
const seconds = (min: number, max: number) => z.number().min(min).max(max);

/** The place of a relay board on its bus, and its profile. */
const board = {
  bus: Id,
  unit: z.int().min(1).max(247).describe('Modbus unit (slave) address'),
  profile: Id.describe('Board profile of drivers/profiles'),
};

/** Which way round a contact is wired; with normally closed ones a cut wire reads as the alarm. */
export const ContactWiring = z.enum(['normally-open', 'normally-closed']);
export type ContactWiring = z.infer<typeof ContactWiring>;

/** Names of a device's own contacts. */
export const ContactName = z.enum(['open', 'closed', 'loop', 'loopFault', 'exit', 'tamper']);
export type ContactName = z.infer<typeof ContactName>;

/** The reading of one of a device's contacts. */
export const ContactReading = z.strictObject({
  wiring: ContactWiring.default('normally-open').describe(
    'normally-open: closed means that it is so; normally-closed: open means that it is so',
  ),
  debounceMs: z
    .int()
    .min(0)
    .max(10_000)
    .default(50)
    .describe('Least time that a change is stable before it counts; a loop counts as occupied at once'),
});
export type ContactReading = z.infer<typeof ContactReading>;

/** A door stands open for too long: first a warning, then an alarm. */
export const HeldOpen = z.strictObject({
  warnAfterS: seconds(1, 3600).default(30).describe('Seconds open until the warning (priority 3)'),
  alarmAfterS: seconds(1, 7200).default(60).describe('Seconds open until the alarm (priority 2)'),
});
export type HeldOpen = z.infer<typeof HeldOpen>;

export const Device = z.strictObject({
  id: Id,
  kind: DeviceKind,
  name: LocalName,
  ...board,
  control: z
    .enum(['terminals', 'step-by-step'])
    .default('terminals')
    .describe(
      'terminals: an output for each order; step-by-step: one output that opens, stops and closes in turn (gate only)',
    ),
  outputs: z.strictObject({
    open: channel.describe('Relay channel that opens or raises, or gives the next step; counted from 0'),
    close: channel.optional().describe('Relay channel that closes or lowers (gate, barrier)'),
    stop: channel.optional().describe('Relay channel that stops (gate, barrier)'),
  }),
  inputs: z
    .strictObject({
      open: channel.optional().describe('Contact that closes when fully open (up limit, door contact)'),
      closed: channel.optional().describe('Contact that closes when fully closed (down limit)'),
      loop: channel
        .optional()
        .describe('Loop detector or light beam: closed while a vehicle stands below the arm or in the gate'),
      loopFault: channel.optional().describe('Fault output of the loop detector: closed while it is faulty'),
      exit: channel
        .optional()
        .describe('Exit button: closed while pressed; the door may then open without a command'),
      tamper: channel.optional().describe('Tamper contact of its housing: closed while the housing is open'),
    })
    .prefault({}),
  contacts: z
    .partialRecord(ContactName, ContactReading)
    .default({})
    .describe('How its contacts are read, where it is not the usual way (normally open, 50 ms)'),
  pulseMs: z
    .int()
    .min(100)
    .max(25_500)
    .default(500)
    .describe('Relay pulse length; the board rounds to its own step'),
  moveWithinMs: z
    .int()
    .min(200)
    .max(60_000)
    .default(8_000)
    .describe('Longest time from pulse to limit contact'),
  failMode: z
    .enum(['safe', 'secure'])
    .describe('Physical fact: safe opens without power, secure stays locked'),
  onFire: z
    .enum(['open', 'none'])
    .optional()
    .describe(
      'What the box adds to the hard-wired release in a fire. If absent: open; none for a door that is secure',
    ),
  hold: z
    .strictObject({
      maxS: z.int().min(5).max(maxHoldSeconds).default(900).describe('Longest time that it may be held open'),
    })
    .optional()
    .describe('Whether it may be held open for a while; if absent it may not'),
  heldOpen: z
    .union([z.literal(false), HeldOpen])
    .optional()
    .describe('Alarm for standing open; if absent 30 s and 60 s for doors, none for gates and barriers'),
  forcedOpen: z
    .boolean()
    .optional()
    .describe(
      'Alarm for opening without a command or the exit button; if absent: where an exit button is wired',
    ),
});
export type Device = z.infer<typeof Device>;

/** A dry contact of its own, apart from any door: a signal of a person or of another system. */
export const Input = z.strictObject({
  id: Id,
  kind: InputKind,
  name: LocalName,
  ...board,
  channel: channel.describe('Input channel, counted from 0'),
  wiring: ContactWiring.default('normally-open'),
  debounceMs: z
    .int()
    .min(0)
    .max(10_000)
    .default(100)
    .describe('Least time that a change is stable before it counts'),
});
export type Input = z.infer<typeof Input>;

/** Doors of which one at most may be open (a mantrap). */
export const Interlock = z.strictObject({
  id: Id,
  name: LocalName,
  doors: z.array(Id).min(2).max(8).describe('Doors, each with a position contact'),
});
export type Interlock = z.infer<typeof Interlock>;

/**
 * The actions that a device can be asked for. A barrier or gate without a loop detector or beam is never
 * closed from here.
 */
export function actionsOf({
  kind,
  inputs,
  outputs,
  hold,
}: Pick<Device, 'kind' | 'inputs' | 'outputs' | 'hold'>): DeviceAction[] {
  const held = hold ? (['hold-open', 'release'] as const) : [];
  if (kind === 'door') return ['open', ...held];
  return [
    'open',
    ...(outputs.close !== undefined && inputs.loop !== undefined ? (['close'] as const) : []),
    ...(outputs.stop !== undefined ? (['stop'] as const) : []),
    ...held,
  ];
}
