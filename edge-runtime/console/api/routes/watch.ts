import { Handling, Incident, Label } from '@gatehouse/contracts';
import { type Clock, errorOf, isoWithOffset } from '@gatehouse/kit';
import { z } from 'zod';
import type { Handler } from '../call.ts';
import { id, parsed, sessionOf } from '../call.ts';
import { noteOn } from '../note.ts';
import type { ConsolePorts } from '../ports.ts';

const ListQuery = z.strictObject({
  condition: z.enum(['open', 'cleared']).optional(),
  handling: Handling.shape.state.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  before: z.string().max(200).optional(),
});
const StillQuery = z.object({ atMs: z.coerce.number().min(0).optional() });
const StillName = Incident.shape.stills.element;
const LabelBody = z.strictObject({ request: z.uuid(), verdict: Label });
const Moment = z.strictObject({ atMs: z.coerce.number().min(0).optional() });

/** What a guard sees and does: incidents, cameras, the link upstream. */
export function watchRoutes(ports: ConsolePorts, clock: Clock) {
  const note = noteOn(ports.audit, clock);
  return {
    async site() {
      return { json: await ports.site.view() };
    },
    async incidents(call) {
      const { limit, before, condition, handling } = parsed(ListQuery, { ...call.query });
      const page = await ports.incidents.list(
        { ...(condition ? { condition } : {}), ...(handling ? { handling } : {}) },
        { limit, ...(before ? { before } : {}) },
      );
      return { json: page };
    },
    async incident(call) {
      return { json: found(await ports.incidents.get(id(call)), 'incident', id(call)) };
    },
    async incidentStill(call) {
      const name = StillName.safeParse(call.params.name);
      const jpeg = name.success ? await ports.incidents.still(id(call), name.data) : undefined;
      return { jpeg: found(jpeg, 'still of incident', id(call)) };
    },
    async incidentClip(call) {
      return { mp4: found(await ports.incidents.clip(id(call)), 'clip of incident', id(call)) };
    },
    async acknowledge(call) {
      const at = isoWithOffset(clock.epochMs());
      const incident = await ports.incidents.acknowledge(id(call), sessionOf(call).user, at);
      await note(call, 'acknowledge', found(incident, 'incident', id(call)).id);
      return { json: incident };
    },
    async label(call) {
      const { request, verdict } = parsed(LabelBody, call.body);
      const by = sessionOf(call).user;
      const given = { request, label: verdict, by, at: isoWithOffset(clock.epochMs()) };
      const incident = found(await ports.incidents.label(id(call), given), 'incident', id(call));
      const { label, ...rest } = verdict;
      await note(call, 'label', incident.id, { label, ...('reason' in rest ? { reason: rest.reason } : {}) });
      return { json: incident };
    },
    async labels(call) {
      found(await ports.incidents.get(id(call)), 'incident', id(call));
      return { json: { labels: await ports.incidents.labels(id(call)) } };
    },
    async watching(call) {
      const { atMs } = parsed(Moment, { ...call.query });
      const { watching } = ports;
      return { json: atMs === undefined ? await watching.now(id(call)) : await watching.at(id(call), atMs) };
    },
    async cameras() {
      return { json: { cameras: await ports.cameras.list() } };
    },
    async cameraStill(call) {
      // `at` only keeps browsers from showing an old one again.
      const { atMs } = parsed(StillQuery, { ...call.query });
      return { jpeg: found(await ports.cameras.still(id(call), atMs), 'picture of camera', id(call)) };
    },
    async uplink() {
      return { json: await ports.uplink.view() };
    },
  } satisfies Record<string, Handler>;
}

function found<T>(thing: T | undefined, what: string, name: string): T {
  if (thing === undefined) throw errorOf('NOT_FOUND/named', { what, name });
  return thing;
}
