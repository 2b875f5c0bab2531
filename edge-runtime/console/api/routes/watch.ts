import { Incident } from '@gatehouse/contracts';
import { type Clock, errorOf, isoWithOffset } from '@gatehouse/kit';
import { type Handlers, sessionOf } from '../call.ts';
import { noteOn } from '../note.ts';
import type { ConsoleParts } from '../parts.ts';

const StillName = Incident.shape.stills.element;

/** A guard's views and actions: incidents, cameras, the link upstream. */
export function watchRoutes(parts: ConsoleParts, clock: Clock) {
  const { incidents, watching, cameras, pictures, uplink, site, store } = parts;
  const note = noteOn(store, clock);
  return {
    async site() {
      return { json: site.view() };
    },
    async incidents({ asked: { limit, before, condition, handling } }) {
      const page = await incidents.list(
        { ...(condition ? { condition } : {}), ...(handling ? { handling } : {}) },
        { limit, ...(before ? { before } : {}) },
      );
      return { json: page };
    },
    async incident({ params: { id } }) {
      return { json: found(await incidents.get(id), 'incident', id) };
    },
    async incidentStill({ params: { id, name } }) {
      const still = StillName.safeParse(name);
      const jpeg = still.success ? await incidents.still(id, still.data) : undefined;
      return { bytes: found(jpeg, 'still of incident', id) };
    },
    async incidentClip({ params: { id } }) {
      return { bytes: found(await incidents.clip(id), 'clip of incident', id) };
    },
    async acknowledge(call) {
      const at = isoWithOffset(clock.epochMs());
      const { id } = call.params;
      const taken = await incidents.acknowledge(id, sessionOf(call).user, at);
      const incident = found(taken, 'incident', id);
      await note(call, 'acknowledge', incident.id);
      return { json: incident };
    },
    async label(call) {
      const { id } = call.params;
      const { request, verdict } = call.asked;
      const by = sessionOf(call).user;
      const given = { request, label: verdict, by, at: isoWithOffset(clock.epochMs()) };
      const incident = found(await incidents.label(id, given), 'incident', id);
      const { label, ...rest } = verdict;
      await note(call, 'label', incident.id, { label, ...('reason' in rest ? { reason: rest.reason } : {}) });
      return { json: incident };
    },
    async labels({ params: { id } }) {
      found(await incidents.get(id), 'incident', id);
      return { json: { labels: await incidents.labels(id) } };
    },
    async watching({ params: { id }, asked: { atMs } }) {
      return { json: atMs === undefined ? await watching.now(id) : await watching.at(id, atMs) };
    },
    async cameras() {
      return { json: { cameras: cameras.list() } };
    },
    async cameraStill({ params: { id }, asked: { atMs } }) {
      return { bytes: found(await pictures.still(id, atMs), 'picture of camera', id) };
    },
    async uplink() {
      return { json: uplink.view() };
    },
  } satisfies Partial<Handlers>;
}

function found<T>(thing: T | undefined, what: string, name: string): T {
  if (thing === undefined) throw errorOf('NOT_FOUND/named', { what, name });
  return thing;
}
