import type { Clock, Log } from '@gatehouse/kit';
import { type Handlers, sessionOf } from '../call.ts';
import { tryNoteOn } from '../note.ts';
import type { ConsolePorts } from '../ports.ts';

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
      const { id } = call.params;
      const { action, holdS, commandId } = call.asked;
      const hold = holdS === undefined ? {} : { holdS };
      const named = commandId === undefined ? {} : { commandId };
      const ask = () => ports.devices.request(id, { action, ...hold, ...named }, sessionOf(call).user);
      // A stop waits for no disk.
      const stopping = action === 'stop' ? Promise.resolve(ask()) : undefined;
      await note(call, 'device-request', id, { action, ...hold, ...named });
      const outcome = await (stopping ?? ask());
      const { state, reason } = outcome;
      await note(call, 'device-outcome', id, {
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
      await note(call, 'fire-reset-request', 'fire');
      const state = await ports.fire.reset(sessionOf(call).user);
      await note(call, 'fire-reset', 'fire', { latched: String(state.latched) });
      return { json: state };
    },
  } satisfies Partial<Handlers>;
}
