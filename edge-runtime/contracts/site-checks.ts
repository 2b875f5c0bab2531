import { crossingSides } from './geometry.ts';
import type { Camera, Site, Zone } from './site.ts';
import { deviceFaults } from './site-device-checks.ts';
import type { WeeklyWindow, ZoneRule } from './site-rules.ts';
import { uplinkFaults } from './site-uplink.ts';

/** One thing wrong with a site: the path to the wrong value, and what is wrong with it. */
export interface SiteFault {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}
type Path = SiteFault['path'];

/** What only makes sense of a whole site whose values are right one by one: names, references, orders of thresholds. */
export function crossChecks(site: Site): SiteFault[] {
  return [
    ...duplicates(['cameras'], site.cameras),
    ...duplicates(['buses'], site.buses),
    ...site.cameras.flatMap((camera, c) => cameraFaults(camera, ['cameras', c])),
    ...deviceFaults(site),
    ...(site.uplink ? uplinkFaults(site.uplink) : []),
  ];
}

function cameraFaults(camera: Camera, path: Path): SiteFault[] {
  const pinned = camera.certificate !== undefined && !/^rtsps:/i.test(camera.url);
  return [
    ...(pinned ? [{ path: [...path, 'certificate'], message: 'needs rtsps://' }] : []),
    ...duplicates([...path, 'zones'], camera.zones),
    ...camera.zones.flatMap((zone, z) => zoneFaults(zone, [...path, 'zones', z])),
  ];
}

function zoneFaults(zone: Zone, path: Path): SiteFault[] {
  const crossing = crossingSides(zone.polygon);
  const polygon = crossing && {
    path: [...path, 'polygon'],
    message: `polygon crosses itself: side ${crossing[0] + 1} meets side ${crossing[1] + 1}`,
  };
  return [
    ...(polygon ? [polygon] : []),
    ...zone.rules.flatMap((rule, r) => ruleFaults(rule, [...path, 'rules', r])),
  ];
}

function ruleFaults(rule: ZoneRule, path: Path): SiteFault[] {
  return [
    ...orders(rule).flatMap(({ at, value, limit, limitName }) =>
      value > limit
        ? [{ path: [...path, ...at], message: `${value} s is more than ${limitName} (${limit} s)` }]
        : [],
    ),
    ...windows(rule).flatMap(({ at, window }) =>
      window.from === window.to || window.from === '24:00'
        ? [
            {
              path: [...path, ...at, window.from === '24:00' ? 'from' : 'to'],
              message:
                window.from === '24:00'
                  ? 'a window cannot start at the end of a day; use "00:00"'
                  : `the window from ${window.from} to ${window.to} is empty; a whole day is "00:00" to "24:00"`,
            },
          ]
        : [],
    ),
  ];
}

/** Pairs of thresholds of which the first must not be more than the second. */
interface Order {
  readonly at: Path;
  readonly value: number;
  readonly limit: number;
  readonly limitName: string;
}

function orders(rule: ZoneRule): Order[] {
  if (rule.kind === 'illegal-parking')
    return [
      order(['stoppedAfterS'], rule.stoppedAfterS, 'violationAfterS', rule.violationAfterS),
      ...Object.entries(rule.perClass ?? {}).map(([name, own]) =>
        order(
          ['perClass', name, 'violationAfterS'],
          rule.stoppedAfterS,
          'violationAfterS',
          own?.violationAfterS,
        ),
      ),
    ];
  if (rule.kind === 'fire-passage')
    return [
      order(['stoppedAfterS'], rule.stoppedAfterS, 'alarmAfterS', rule.alarmAfterS),
      order(['voiceAfterS'], rule.voiceAfterS, 'alarmAfterS', rule.alarmAfterS),
      order(['alarmAfterS'], rule.alarmAfterS, 'escalateAfterS', rule.escalateAfterS),
      ...Object.entries(rule.perClass ?? {}).flatMap(([name, own]) => [
        order(
          ['perClass', name, 'voiceAfterS'],
          own?.voiceAfterS,
          'alarmAfterS',
          own?.alarmAfterS ?? rule.alarmAfterS,
        ),
        order(
          ['perClass', name, 'alarmAfterS'],
          own?.alarmAfterS,
          'escalateAfterS',
          own?.escalateAfterS ?? rule.escalateAfterS,
        ),
      ]),
    ];
  return [];
}

/** What is absent is held against nothing. */
function order(at: Path, value: number | undefined, limitName: string, limit: number | undefined): Order {
  return { at, value: value ?? 0, limit: limit ?? Number.POSITIVE_INFINITY, limitName };
}

function windows(rule: ZoneRule) {
  const list = (at: Path, all: readonly WeeklyWindow[] = []) =>
    all.map((window, i) => ({ at: [...at, i], window }));
  return [
    ...list(['schedule'], rule.schedule),
    ...list(['exemptions', 'hours'], rule.exemptions?.hours),
    ...(rule.kind === 'crowd' && rule.night ? [{ at: ['night'], window: rule.night }] : []),
  ];
}

/** Items whose id an earlier one has. */
export function duplicates(path: Path, items: readonly { readonly id: string }[]): SiteFault[] {
  return items.flatMap((item, i) =>
    items.findIndex((other) => other.id === item.id) < i
      ? [{ path: [...path, i, 'id'], message: `"${item.id}" is used twice` }]
      : [],
  );
}
