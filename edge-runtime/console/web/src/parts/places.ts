import type { Incident, SiteView } from '@gatehouse/contracts';
import { localName } from '../i18n.ts';

/** `East gate lane · No-parking zone`, or the ids where the site does not name them. */
export function placeOf(incident: Incident, site: SiteView | undefined, language: string): string {
  const camera = site?.cameras.find((one) => one.id === incident.camera);
  const zone = camera?.zones.find((one) => one.id === incident.zone);
  const named: Pick<SiteView['devices'][number], 'id' | 'name'>[] = site
    ? [...site.devices, ...site.inputs, ...site.sensors, ...site.readers, ...site.interlocks]
    : [];
  const device = named.find((one) => one.id === incident.device);
  return [
    localName(camera?.name, language) || incident.camera,
    localName(zone?.name, language) || incident.zone,
    localName(device?.name, language) || incident.device,
  ]
    .filter(Boolean)
    .join(' · ');
}

/**
 * The beginning of the condition, epoch milliseconds by the box's clock: the rule's first frame, otherwise
 * the opening. A step of the clock moves it along, so that the time for which it has held stays true.
 */
export function sinceMs({ evidence, openedAt }: Incident): number {
  if (evidence?.wallOffsetMs !== undefined) return evidence.sinceMs + evidence.wallOffsetMs;
  return Math.min(evidence?.sinceMs ?? Number.POSITIVE_INFINITY, Date.parse(openedAt));
}

/** The time for which the condition has held, or held. */
export function heldMs(incident: Incident, boxNowMs: number): number {
  const end = incident.clearedAt ? Date.parse(incident.clearedAt) : boxNowMs;
  return end - sinceMs(incident);
}
