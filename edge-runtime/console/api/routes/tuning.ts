import { Zone } from '@gatehouse/contracts';
import { type Clock, errorOf, isoWithOffset } from '@gatehouse/kit';
import { z } from 'zod';
import type { Call, Handler } from '../call.ts';
import { parsed, sessionOf } from '../call.ts';
import type { ConsolePorts } from '../ports.ts';

const Zones = z.array(Zone).max(32);
const DryRunBody = z.strictObject({ zones: Zones });
const SaveBody = z.strictObject({ zones: Zones, version: z.string().min(1).max(100) });

/** What an installer does with zones: try them on the stored tracks, save them, and see how well they do. */
export function tuningRoutes({ tuning, audit }: ConsolePorts, clock: Clock) {
  return {
    async zones(call) {
      return { json: await tuning.base(id(call)) };
    },
    async dryRun(call) {
      const { zones } = parsed(DryRunBody, call.body);
      return { status: 202, json: await tuning.dryRun(id(call), zones) };
    },
    async getDryRun(call) {
      return { json: found(await tuning.getDryRun(id(call)), id(call)) };
    },
    async cancelDryRun(call) {
      return { json: found(await tuning.cancelDryRun(id(call)), id(call)) };
    },
    async saveZones(call) {
      const { zones, version } = parsed(SaveBody, call.body);
      const { user } = sessionOf(call);
      const saved = await tuning.save(id(call), zones, version, user);
      await audit.record({
        ...{ at: isoWithOffset(clock.epochMs()), who: user, what: 'zones-saved', on: id(call) },
        ...{ from: call.address, detail: { before: version, after: saved } },
      });
      return { json: { version: saved } };
    },
    async precision() {
      return { json: { zones: await tuning.precision() } };
    },
  } satisfies Record<string, Handler>;
}

function id(call: Call): string {
  return call.params.id ?? '';
}

function found<T>(run: T | undefined, name: string): T {
  if (run === undefined) throw errorOf('NOT_FOUND/named', { what: 'dry run', name });
  return run;
}
