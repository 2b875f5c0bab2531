import { isDeepStrictEqual } from 'node:util';
import { errorOf, type GatehouseError } from '@gatehouse/kit';
import { LineCounter, visit } from 'yaml';
import type { Site, Zone } from '../site/site.ts';
import type { SiteProblem } from './check-text.ts';
import { parseSite } from './parse.ts';
import { NotEditable, type Splice, spliced, zoneSplices } from './splices.ts';
import { parseYaml } from './yaml.ts';

export type ZonesEdit =
  | { readonly ok: true; readonly text: string; readonly site: Site }
  | { readonly ok: false; readonly problems: readonly SiteProblem[] };

/** Zones by the id of their camera. */
export type ZonesByCamera = Readonly<Record<string, readonly Zone[]>>;

/**
 * A site file's text with the zones of some cameras replaced. Only the lines of zones that differ are
 * touched, and of these only the values that differ: comments, order, line ends and keys that a rule leaves
 * to its defaults stay as the installer wrote them. The result is checked as a whole and read back: nothing
 * else of the site may have changed. Throws `CAMERA_UNKNOWN`, `SITE_FILE_SHARED` where the text of the zones
 * also stands for something else (an anchor), or `ZONES_NOT_WRITTEN`. A file that is wrong before or after
 * the edit is answered with its problems.
 */
export function withZonesEdited(text: string, zones: ZonesByCamera): ZonesEdit {
  const before = parseSite(text);
  if (!before.ok) return before;
  const edited = spliced(text, splicesFor(text, before.site, zones));
  const after = parseSite(edited);
  if (!after.ok) {
    // The edit took an anchor away that is used elsewhere.
    if (after.problems.some(({ code }) => code === 'yaml-alias')) throw shared(text, Object.keys(zones));
    return after;
  }
  if (!isDeepStrictEqual(withoutZones(before.site, zones), withoutZones(after.site, zones)))
    throw shared(text, Object.keys(zones));
  for (const [cameraId, wanted] of Object.entries(zones)) {
    const readBack = after.site.cameras.find((camera) => camera.id === cameraId)?.zones;
    // The draft may leave defaults out, and zones that are kept keep their place.
    if (!sameZones(readBack ?? [], wanted)) throw notReadBack(text, cameraId);
  }
  return { ok: true, text: edited, site: after.site };
}

function splicesFor(text: string, site: Site, zones: ZonesByCamera): Splice[] {
  const document = parseYaml(text);
  return Object.entries(zones).flatMap(([cameraId, wanted]) => {
    const index = site.cameras.findIndex((camera) => camera.id === cameraId);
    const camera = site.cameras[index];
    if (!camera) throw cameraUnknown(cameraId);
    if (isDeepStrictEqual(camera.zones, wanted)) return [];
    try {
      return zoneSplices(document, text, index, camera.zones, wanted);
    } catch (error) {
      if (error instanceof NotEditable) throw shared(text, [cameraId]);
      throw error;
    }
  });
}

/** The whole site but the zones that are edited. */
function withoutZones(site: Site, edited: ZonesByCamera): unknown {
  const cameras = site.cameras.map((camera) => (camera.id in edited ? { ...camera, zones: [] } : camera));
  return { ...site, cameras };
}

/** True if two lists hold the same zones, in any order. */
export function sameZones(read: readonly Zone[], wanted: readonly Zone[]): boolean {
  const sorted = (zones: readonly Zone[]) => zones.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return isDeepStrictEqual(sorted(read), sorted(wanted));
}

function cameraUnknown(id: string): GatehouseError {
  return errorOf('CAMERA_UNKNOWN/site-file', { id });
}

/** Aliases of a file with their lines: `*base in line 12`. */
function aliasesOf(text: string): string[] {
  const lines = new LineCounter();
  const places: string[] = [];
  visit(parseYaml(text, lines), {
    Alias: (_, { source, range }) => {
      places.push(`*${source} in line ${lines.linePos(range?.[0] ?? 0).line}`);
    },
  });
  return places;
}

/** The text of these zones stands for something else, too, which the edit would change or lose. */
function shared(text: string, cameras: readonly string[]): GatehouseError {
  const places = aliasesOf(text);
  const used = places.length > 0 ? ` (${places.slice(0, 5).join(', ')})` : '';
  return errorOf('SITE_FILE_SHARED', { cameras: cameras.join('", "'), used });
}

function notReadBack(text: string, camera: string): GatehouseError {
  if (aliasesOf(text).length > 0) return shared(text, [camera]);
  return errorOf('ZONES_NOT_WRITTEN', { camera });
}
