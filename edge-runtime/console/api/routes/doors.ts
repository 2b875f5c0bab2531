import { DeviceRequest } from '@gatehouse/contracts';
import type { Clock, Log } from '@gatehouse/kit';
import { z } from 'zod';
import type { Handler } from '../call.ts';
import { id, parsed, sessionOf } from '../call.ts';
import { tryNoteOn } from '../note.ts';
import type { ConsolePorts } from '../ports.ts';

const RequestBody = DeviceRequest.pick({ action: true, holdS: true, commandId: true });
/** Whoever resets says that they are there: nobody resets a fire alarm that they cannot see. */
const ResetBody = z.strictObject({ atTheBox: z.literal(true) });

/** Doors, gates and barriers, the dry contacts and sensors beside them, and the fire latch. */
export function doorRoutes(
  ports: Pick<ConsolePorts, 'devices' | 'inputs' | 'sensors' | 'fire' | 'audit'>,
  clock: Clock,
  log: Log,
) {
  const note = tryNoteOn(ports.audit, clock, log);
  return {
    async devices() {
      return { json: { devices: await ports.devices.list() } };
    },
    async requestDevice(call) {
      const { action, holdS, commandId } = parsed(RequestBody, call.body);
      const hold = holdS === undefined ? {} : { holdS };
      const named = commandId === undefined ? {} : { commandId };
      const ask = () => ports.devices.request(id(call), { action, ...hold, ...named }, sessionOf(call).user);
      // A stop waits for no disk.
      const stopping = action === 'stop' ? Promise.resolve(ask()) : undefined;
      await note(call, 'device-request', id(call), { action, ...hold, ...named });
      const outcome = await (stopping ?? ask());
      const { state, reason } = outcome;
      await note(call, 'device-outcome', id(call), {
        action,
        commandId: outcome.commandId,
        state,
        ...(reason ? { reason } : {}),
      });
      return { json: outcome };
    },
    async inputs() {
      return { json: { inputs: await ports.inputs.list() } };
    },
    async sensors() {
      return { json: { sensors: await ports.sensors.list() } };
    },
    async fire() {
      return { json: await ports.fire.state() };
    },
    async resetFire(call) {
      parsed(ResetBody, call.body);
      await note(call, 'fire-reset-request', 'fire');
      const state = await ports.fire.reset(sessionOf(call).user);
      await note(call, 'fire-reset', 'fire', { latched: String(state.latched) });
      return { json: state };
    },
  } satisfies Record<string, Handler>;
}
