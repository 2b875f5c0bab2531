import { crossingSides } from '../geometry.ts';
import type { SiteFault } from '../site-file/fault.ts';
import { hostFaults } from './addresses.ts';
import { deviceFaults } from './device-checks.ts';
import { checksOf, type WeeklyWindow, type ZoneRule } from './rules/index.ts';
import type { Camera, Site, Zone } from './site.ts';
import { uplinkFaults } from './uplink.ts';

type Path = SiteFault['path'];

/** Faults of a whole site whose values are right one by one: names, references, orders of thresholds. */
export function crossChecks(site: Site): SiteFault[] {
  return [
    ...duplicates(['cameras'], site.cameras),
    ...duplicates(['buses'], site.buses),
    ...blankNames(site, []),
    ...hostFaults(site),
    ...site.cameras.flatMap((camera, c) => cameraFaults(camera, ['cameras', c])),
    ...deviceFaults(site),
    ...(site.uplink ? uplinkFaults(site.uplink) : []),
  ];
}

function cameraFaults(camera: Camera, path: Path): SiteFault[] {
  const pinned = camera.certificate !== undefined && !/^rtsps:/i.test(camera.url);
  return [
    ...(pinned ? [{ path: [...path, 'certificate'], code: 'certificate-needs-rtsps' as const }] : []),
    ...duplicates([...path, 'zones'], camera.zones),
    ...camera.zones.flatMap((zone, z) => zoneFaults(zone, [...path, 'zones', z])),
  ];
}

function zoneFaults(zone: Zone, path: Path): SiteFault[] {
  const crossing = crossingSides(zone.polygon);
  const sides = crossing && { a: crossing[0] + 1, b: crossing[1] + 1 };
  return [
    ...(sides ? [{ path: [...path, 'polygon'], code: 'polygon-crosses' as const, values: sides }] : []),
    ...zone.rules.flatMap((rule, r) => ruleFaults(rule, [...path, 'rules', r])),
  ];
}

function ruleFaults(rule: ZoneRule, path: Path): SiteFault[] {
  return [
    ...checksOf(rule).orders.flatMap(({ at, value, limit, limitName }) =>
      value > limit
        ? [{ path: [...path, ...at], code: 'order' as const, values: { value, limit, limitName } }]
        : [],
    ),
    ...windows(rule).flatMap(({ at, window: { from, to } }): SiteFault[] => {
      if (from === '24:00') return [{ path: [...path, ...at, 'from'], code: 'window-start' }];
      if (from !== to) return [];
      return [{ path: [...path, ...at, 'to'], code: 'window-empty', values: { from, to } }];
    }),
  ];
}

function windows(rule: ZoneRule) {
  const list = (at: Path, all: readonly WeeklyWindow[] = []) =>
    all.map((window, i) => ({ at: [...at, i], window }));
  return [
    ...list(['schedule'], rule.schedule),
    ...list(['exemptions', 'hours'], rule.exemptions?.hours),
    ...checksOf(rule).windows,
  ];
}

/** Items whose id an earlier one has. */
export function duplicates(path: Path, items: readonly { readonly id: string }[]): SiteFault[] {
  return items.flatMap((item, i) =>
    items.findIndex((other) => other.id === item.id) < i
      ? [{ path: [...path, i, 'id'], code: 'id-twice' as const, values: { id: item.id } }]
      : [],
  );
}

/** A name of spaces is none, and a guard would see an empty line. */
function blankNames(value: unknown, path: Path): SiteFault[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]): SiteFault[] => {
    const at = [...path, Array.isArray(value) ? Number(key) : key];
    if (!(key === 'zh-CN' || key === 'en') || typeof inner !== 'string') return blankNames(inner, at);
    if (inner.trim() !== '') return [];
    const values = {
      expected: { is: 'text', max: 60 },
      written: `${key}: ${key === 'en' ? 'Plaza' : '广场'}`,
    } as const;
    return [{ path: at, code: 'blank', values }];
  });
}
