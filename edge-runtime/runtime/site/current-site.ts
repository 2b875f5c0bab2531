import { createHash } from 'node:crypto';
import { fchmodSync, fchownSync, fstatSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Camera,
  parseSite,
  readSiteText,
  type Site,
  type SiteView,
  withZonesEdited,
  type Zone,
  type ZonesByCamera,
} from '@gatehouse/contracts';
import { type Clock, errorOf, type GatehouseError, type Log, systemCode, writeDurably } from '@gatehouse/kit';
import { siteView } from './site-view.ts';

export interface CurrentSiteOptions {
  /** The site file. */
  readonly file: string;
  /** The folder of previous versions. */
  readonly history: string;
  /** As loaded at the start. */
  readonly site: Site;
  /** Puts a new version into force. */
  readonly apply: (site: Site) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** Previous versions kept; the oldest goes first. */
const maxHistory = 20;

/**
 * The site file in force. It holds the content, and puts an edit of zones into the file and into force
 * without a restart.
 */
export class CurrentSite {
  readonly #options: CurrentSiteOptions;
  #site: Site;
  #parsed: { readonly version: string; readonly site: Site } | undefined;
  constructor(options: CurrentSiteOptions) {
    this.#options = options;
    this.#site = options.site;
  }

  get site(): Site {
    return this.#site;
  }

  /** The part of it that pickers and pages may know. */
  view(): SiteView {
    return siteView(this.#site);
  }

  /** Stands for the content in force, whatever has happened to the file meanwhile. */
  get inForce(): string {
    return versionOf(JSON.stringify(this.#site));
  }

  /** Throws `CAMERA_UNKNOWN`. */
  camera(id: string): Camera {
    const found = this.#site.cameras.find((camera) => camera.id === id);
    if (found) return found;
    throw cameraUnknown(id);
  }

  /**
   * Stands for the file's text as it is now: an editor hands it back, so that no two edits overwrite one
   * another.
   */
  version(): string {
    return versionOf(readSiteText(this.#options.file));
  }

  /**
   * Writes a camera's zones into the site file and puts them into force. The text is checked as a whole
   * first, written aside, synced and renamed; the previous one is kept. Nothing has changed when it throws.
   * @param version the result of `version()` when the edit began
   * @returns the new version
   */
  saveZones(cameraId: string, zones: readonly Zone[], version: string, by: string): string {
    return this.saveAllZones({ [cameraId]: zones }, version, by);
  }

  /** The same with the zones of several cameras: all of them, or none if it throws. */
  saveAllZones(zones: ZonesByCamera, version: string, by: string): string {
    const { file, apply, log } = this.#options;
    const before = readSiteText(file);
    if (versionOf(before) !== version) throw changedMeanwhile(file);
    const { text, site } = edited(before, zones);
    try {
      this.#keep(before);
      replace(file, text);
    } catch (cause) {
      throw notWritable(file, cause);
    }
    this.#site = site;
    this.#parsed = { version: versionOf(text), site };
    apply(site);
    log.info('zones-saved', { cameras: Object.keys(zones), by, from: version, to: versionOf(text) });
    return versionOf(text);
  }

  /** Throws the error that `saveAllZones` would throw for these zones, and changes nothing. */
  checkZones(zones: ZonesByCamera): void {
    edited(readSiteText(this.#options.file), zones);
  }

  /**
   * The zones in the file now, which need not be those in force. Throws `CAMERA_UNKNOWN`, or `ZONES_INVALID`
   * for a file that is wrong.
   */
  zonesInFile(cameras: readonly string[]): Record<string, Zone[]> {
    const { cameras: found } = this.#read();
    return Object.fromEntries(
      cameras.map((id) => {
        const camera = found.find((one) => one.id === id);
        if (!camera) throw cameraUnknown(id);
        return [id, camera.zones];
      }),
    );
  }

  /** The file, parsed again only when its text is another: a large one takes most of a second. */
  #read(): Site {
    const text = readSiteText(this.#options.file);
    const version = versionOf(text);
    if (this.#parsed?.version === version) return this.#parsed.site;
    const parsed = parseSite(text);
    if (!parsed.ok) throw invalid(parsed.problems);
    this.#parsed = { version, site: parsed.site };
    return parsed.site;
  }

  #keep(text: string): void {
    const { history, clock } = this.#options;
    mkdirSync(history, { recursive: true, mode: 0o750 });
    const name = `${new Date(clock.epochMs()).toISOString().replaceAll(':', '-')}-${versionOf(text).slice(0, 8)}.yaml`;
    writeDurably(join(history, name), text, 0o640);
    const kept = readdirSync(history).sort();
    for (const old of kept.slice(0, Math.max(0, kept.length - maxHistory))) rmSync(join(history, old));
  }
}

/** A site file's text with other zones, checked as a whole. */
function edited(before: string, zones: ZonesByCamera): { readonly text: string; readonly site: Site } {
  const edit = withZonesEdited(before, zones);
  if (!edit.ok) throw invalid(edit.problems);
  return edit;
}

function versionOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Everybody's right to read. */
const readableByAll = 0o004;

/**
 * The other services read the same file: it keeps its mode, and its owner and group as far as they decide
 * about read access.
 */
function replace(file: string, text: string): void {
  const { mode, uid, gid } = statSync(file);
  writeDurably(file, text, 0o600, (descriptor) => {
    const made = fstatSync(descriptor);
    const sameReaders = (made.uid === uid && made.gid === gid) || (mode & readableByAll) !== 0;
    // Called only where it is needed: the unit's system-call filter refuses it.
    if (!sameReaders) fchownSync(descriptor, uid, gid);
    fchmodSync(descriptor, mode & 0o777);
  });
}

function cameraUnknown(id: string): GatehouseError {
  return errorOf('CAMERA_UNKNOWN', { id });
}

function changedMeanwhile(file: string): GatehouseError {
  return errorOf('SITE_FILE_CHANGED', { file });
}

function invalid(problems: readonly { path: string; line: number; message: string }[]): GatehouseError {
  const [first] = problems;
  return first
    ? errorOf('ZONES_INVALID', { path: first.path, problem: first.message })
    : errorOf('ZONES_INVALID/all');
}

function notWritable(file: string, cause: unknown): unknown {
  const code = systemCode(cause);
  if (code === undefined) return cause;
  return errorOf('SITE_FILE_NOT_WRITABLE', { file, code }, { cause });
}
