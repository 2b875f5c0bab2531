import { z } from 'zod';
import { CommandOutcome, DeviceCommand, DeviceState, FireReset, FireState, InputState } from '../device.ts';
import { WireAuditHead } from '../wire/data.ts';
import { PlatformAnswer, PlatformMessage } from '../wire/platform-command.ts';
import { CardEnrolment, CardRevocation, EnrolledCard } from './card.ts';
import { AuditEntry, AuditHeadText, AuditVerification } from './device-audit.ts';
import { DeviceEvent } from './device-event.ts';
import { ServiceHealth } from './health.ts';
import { queryNumber } from './query.ts';
import { SensorState } from './sensor.ts';
import { events, json, localTable, nothing } from './table.ts';

const maxBodyBytes = 16 * 1024;

const Page = z.object({
  after: queryNumber().int().min(0).default(0),
  limit: queryNumber().int().min(1).max(500).default(100),
});

const routes = {
  health: { is: 'GET /health', about: 'how the service is', answer: json(ServiceHealth) },
  devices: {
    is: 'GET /devices',
    about: 'doors, gates and barriers as they are now',
    answer: json(z.array(DeviceState)),
  },
  inputs: { is: 'GET /inputs', about: 'dry contacts as they are now', answer: json(z.array(InputState)) },
  sensors: {
    is: 'GET /sensors',
    about: 'sensors as they were read last',
    answer: json(z.array(SensorState)),
  },
  fire: { is: 'GET /fire', about: 'the fire latch and its inputs', answer: json(FireState) },
  resetFire: {
    is: 'POST /fire/reset',
    about: 'a person resets the fire latch; NOT_PERMITTED, FIRE_STILL_ACTIVE, FIRE_INPUT_UNKNOWN',
    body: FireReset,
    refusal: 'FIRE_RESET_INVALID',
    answer: json(FireState),
  },
  events: {
    is: 'GET /events',
    about: 'all states once, then each change',
    answer: events({ device: DeviceState, input: InputState, sensor: SensorState, fire: FireState }),
  },
  audit: {
    is: 'GET /audit',
    about: 'entries of the audit chain after a number, in their order',
    query: Page,
    refusal: 'QUERY_INVALID',
    answer: json(z.array(AuditEntry)),
  },
  verifyAudit: {
    is: 'GET /audit/verification',
    about: 'checks the whole chain, and that it holds these heads (NUMBER:HASH)',
    query: z.object({ given: AuditHeadText.optional(), acknowledged: AuditHeadText.optional() }),
    refusal: 'QUERY_INVALID',
    answer: json(AuditVerification),
  },
  acknowledgeAudit: {
    is: 'POST /audit/acknowledged',
    about: 'the platform has this head in its database',
    body: WireAuditHead,
    refusal: 'HEAD_INVALID',
    answer: nothing,
  },
  command: {
    is: 'POST /commands',
    about: 'moves a device; the outcome when the command has ended, or after 5 s as it is then',
    body: DeviceCommand,
    refusal: 'COMMAND_INVALID',
    answer: json(CommandOutcome),
  },
  outcome: {
    is: 'GET /commands/:commandId',
    about: 'a command of the last 24 hours; COMMAND_UNKNOWN',
    answer: json(CommandOutcome),
  },
  platformMessage: {
    is: 'POST /platform-messages',
    about:
      'a signed message of the platform, verified here: the only way to command as `upstream`; empty while the command still runs after 5 s',
    body: PlatformMessage,
    refusal: 'MESSAGE_INVALID',
    answer: json(PlatformAnswer),
  },
  outbox: {
    is: 'GET /outbox',
    about: 'events after a number, in their order',
    query: Page,
    refusal: 'QUERY_INVALID',
    answer: json(z.array(DeviceEvent)),
  },
  acknowledgeOutbox: {
    is: 'POST /outbox/ack',
    about: 'the runtime has committed the events up to this number; they are deleted',
    body: z.strictObject({ upTo: z.int().min(0) }),
    refusal: 'ACK_INVALID',
    answer: nothing,
  },
} as const;

export const driversForRuntime = localTable('drivers', 'runtime', routes, maxBodyBytes);

/** The command line has cards besides, of which the runtime knows nothing, and the service's process. */
export const driversForCli = localTable(
  'drivers',
  'cli',
  {
    ...routes,
    process: {
      is: 'GET /process',
      about: 'the process of the service, which tells it from other programs that hold a serial device',
      answer: json(z.object({ pid: z.int().min(1) })),
    },
    cards: { is: 'GET /cards', about: 'cards that open a door', answer: json(z.array(EnrolledCard)) },
    enrolCard: {
      is: 'POST /cards/enrolments',
      about:
        'waits 30 s for a card at the reader; READER_UNKNOWN, ENROLMENT_BUSY, ENROLMENT_ENDED, CARDS_FULL',
      body: CardEnrolment,
      refusal: 'ENROLMENT_INVALID',
      answer: json(EnrolledCard),
    },
    revokeCard: {
      is: 'POST /cards/revocations',
      about: 'ends a card at all readers; at how many it was known',
      body: CardRevocation,
      refusal: 'REVOCATION_INVALID',
      answer: json(z.object({ ended: z.int().min(0) })),
    },
  },
  maxBodyBytes,
);
