import { type Clock, errorOf, isoWithOffset } from '@gatehouse/kit';
import { type Handlers, sessionOf } from '../call.ts';
import type { ConsoleParts } from '../parts.ts';

/**
 * An installer's work on zones: trying them on the stored tracks, saving them, and seeing their precision.
 */
export function tuningRoutes({ tuning, store }: Pick<ConsoleParts, 'tuning' | 'store'>, clock: Clock) {
  return {
    async zones({ params }) {
      return { json: await tuning.base(params.id) };
    },
    async dryRun({ params, asked }) {
      return { status: 202, json: await tuning.dryRun(params.id, asked.zones) };
    },
    async getDryRun({ params: { id } }) {
      return { json: found(await tuning.getDryRun(id), id) };
    },
    async cancelDryRun({ params: { id } }) {
      return { json: found(await tuning.cancelDryRun(id), id) };
    },
    async saveZones(call) {
      const { id } = call.params;
      const { zones, version } = call.asked;
      const { user } = sessionOf(call);
      const saved = await tuning.save(id, zones, version, user);
      await store.accounts.recordAudit({
        at: isoWithOffset(clock.epochMs()),
        who: user,
        what: 'zones-saved',
        on: id,
        from: call.address,
        detail: { before: version, after: saved },
      });
      return { json: { version: saved } };
    },
    async precision() {
      return { json: { zones: await tuning.precision() } };
    },
  } satisfies Partial<Handlers>;
}

function found<T>(run: T | undefined, name: string): T {
  if (run === undefined) throw errorOf('NOT_FOUND/named', { what: 'dry run', name });
  return run;
}
