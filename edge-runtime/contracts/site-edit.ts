import { isDeepStrictEqual } from 'node:util';
import { GatehouseError } from '@gatehouse/kit';
import { type Document, isCollection, isPair, isScalar, isSeq, parseDocument, visit } from 'yaml';
import type { Site, Zone } from './site.ts';
import { parseSite, type SiteProblem } from './site-file/parse.ts';

export type ZonesEdit =
  | { readonly ok: true; readonly text: string; readonly site: Site }
  | { readonly ok: false; readonly problems: readonly SiteProblem[] };

/** Lists that a person writes in one line. */
const inOneLine = ['name', 'polygon', 'classes'];

/** Zones by the id of their camera. */
export type ZonesByCamera = Readonly<Record<string, readonly Zone[]>>;

/**
 * A site file's text with the zones of some cameras replaced. Only what differs is touched: comments, order and the values that a rule
 * leaves to their defaults stay as the installer wrote them. The result is checked as a whole, and read back.
 * Throws `CAMERA_UNKNOWN`; a file that is wrong before or after the edit is answered with its problems.
 */
export function withZonesEdited(text: string, zones: ZonesByCamera): ZonesEdit {
  const before = parseSite(text);
  if (!before.ok) return before;
  const document = parseDocument(text);
  for (const [cameraId, wanted] of Object.entries(zones)) {
    const index = before.site.cameras.findIndex((camera) => camera.id === cameraId);
    const camera = before.site.cameras[index];
    if (!camera) throw cameraUnknown(cameraId);
    new ZoneEditor(document, ['cameras', index, 'zones']).apply(camera.zones, wanted);
  }
  const edited = document.toString({ lineWidth: 0 });
  const after = parseSite(edited);
  if (!after.ok) return after;
  for (const [cameraId, wanted] of Object.entries(zones)) {
    const readBack = after.site.cameras.find((camera) => camera.id === cameraId)?.zones;
    // The draft may leave defaults out, and zones that are kept keep their place.
    if (!sameZones(readBack ?? [], wanted)) throw notReadBack(cameraId);
  }
  return { ok: true, text: edited, site: after.site };
}

type Path = readonly (string | number)[];
type Tree = Readonly<Record<string, unknown>>;

/** Changes a list of zones in a YAML document, node by node. */
class ZoneEditor {
  readonly #document: Document;
  readonly #at: Path;
  constructor(document: Document, at: Path) {
    this.#document = document;
    this.#at = at;
  }

  apply(before: readonly Zone[], after: readonly Zone[]): void {
    for (const [i, { id }] of [...before.entries()].toReversed())
      if (!after.some((zone) => zone.id === id)) this.#document.deleteIn([...this.#at, i]);
    const kept = before.filter(({ id }) => after.some((zone) => zone.id === id));
    for (const [i, zone] of kept.entries()) {
      const wanted = after.find(({ id }) => id === zone.id);
      if (wanted) this.#fields([...this.#at, i], zone, wanted);
    }
    for (const zone of after.filter(({ id }) => !before.some((other) => other.id === id))) this.#add(zone);
  }

  #fields(at: Path, { rules: rulesBefore, ...before }: Zone, { rules, ...after }: Zone): void {
    this.#differences(at, before, after);
    const sameKinds = isDeepStrictEqual(
      rulesBefore.map(({ kind }) => kind),
      rules.map(({ kind }) => kind),
    );
    if (!sameKinds) this.#set([...at, 'rules'], rules);
    else
      for (const [i, rule] of rules.entries())
        this.#differences([...at, 'rules', i], rulesBefore[i] ?? {}, rule);
  }

  #differences(at: Path, before: Tree, after: Tree): void {
    for (const key of Object.keys(before)) if (!(key in after)) this.#document.deleteIn([...at, key]);
    for (const [key, value] of Object.entries(after))
      if (!isDeepStrictEqual(before[key], value)) this.#set([...at, key], value);
  }

  #add(zone: Zone): void {
    const list = this.#document.getIn(this.#at);
    if (!isSeq(list)) this.#document.setIn(this.#at, this.#node([zone]));
    else {
      if (list.items.length === 0) list.flow = false;
      list.add(this.#node(zone));
    }
  }

  #set(path: Path, value: unknown): void {
    const old = this.#document.getIn(path, true);
    if (isScalar(old) && (typeof value !== 'object' || value === null)) old.value = value;
    else this.#document.setIn(path, this.#node(value, String(path.at(-1))));
  }

  #node(value: unknown, key = '') {
    const node = this.#document.createNode(value);
    if (isCollection(node) && inOneLine.includes(key)) node.flow = true;
    visit(node, {
      Pair: (_, pair) => {
        if (isPair(pair) && isScalar(pair.key) && isCollection(pair.value))
          pair.value.flow = inOneLine.includes(String(pair.key.value));
      },
    });
    return node;
  }
}

/** Whether two lists hold the same zones, in whatever order. */
export function sameZones(read: readonly Zone[], wanted: readonly Zone[]): boolean {
  const sorted = (zones: readonly Zone[]) => zones.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return isDeepStrictEqual(sorted(read), sorted(wanted));
}

function cameraUnknown(id: string): GatehouseError {
  return new GatehouseError(
    'CAMERA_UNKNOWN',
    'input',
    `the site file has no camera "${id}".`,
    'Reload the page.',
  );
}

function notReadBack(id: string): GatehouseError {
  return new GatehouseError(
    'ZONES_NOT_WRITTEN',
    'bug',
    `the edited zones of camera "${id}" did not read back from the site file as they were drawn.`,
    'Nothing was saved; edit the site file by hand.',
  );
}
