import { actionsOf, type Site, type SiteView } from '@gatehouse/contracts';

/** The part of the site that pickers and pages may know: names and places, no address and no secret. */
export function siteView({ site, cameras, devices, inputs, sensors, readers, interlocks }: Site): SiteView {
  return {
    id: site.id,
    name: site.name,
    cameras: cameras.map(({ id, name, zones }) => ({
      id,
      name,
      zones: zones.map((zone) => ({ id: zone.id, name: zone.name, polygon: zone.polygon })),
    })),
    devices: devices.map((device) => ({
      id: device.id,
      kind: device.kind,
      name: device.name,
      actions: actionsOf(device),
    })),
    inputs: inputs.map(({ id, kind, name }) => ({ id, kind, name })),
    sensors: sensors.map(({ id, name }) => ({ id, name })),
    readers: readers.map(({ id, name }) => ({ id, name })),
    interlocks: interlocks.map(({ id, name, doors }) => ({ id, name, doors })),
  };
}
