import type { Clock, Log } from '@gatehouse/kit';
import { type Caller, type Handlers, sessionOf } from '../call.ts';
import { tryNoteOn } from '../note.ts';
import type { ConsoleParts } from '../parts.ts';

/** Doors, gates and barriers, the dry contacts and sensors beside them, and the fire latch. */
export function doorRoutes(
  { devices, store }: Pick<ConsoleParts, 'devices' | 'store'>,
  clock: Clock,
  log: Log,
) {
  const note = tryNoteOn(store, clock, log);
  const originOf = (call: Caller) => ({ channel: 'console', user: sessionOf(call).user }) as const;
  return {
    async devices() {
      return { json: { devices: devices.list() } };
    },
    async requestDevice(call) {
      const { id } = call.params;
      const { action, holdS, commandId } = call.asked;
      const hold = holdS === undefined ? {} : { holdS };
      const named = commandId === undefined ? {} : { commandId };
      const ask = () => devices.request(id, { action, ...hold, ...named }, originOf(call));
      // A stop waits for no disk.
      const stopping = action === 'stop' ? ask() : undefined;
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
      return { json: { inputs: devices.inputs() } };
    },
    async sensors() {
      return { json: { sensors: devices.sensors.list() } };
    },
    async fire() {
      return { json: devices.fire };
    },
    async resetFire(call) {
      await note(call, 'fire-reset-request', 'fire');
      const state = await devices.resetFire(originOf(call));
      await note(call, 'fire-reset', 'fire', { latched: String(state.latched) });
      return { json: state };
    },
  } satisfies Partial<Handlers>;
}
