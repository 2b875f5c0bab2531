import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { checkText, type SiteFault, siteText } from '@gatehouse/contracts';
import { systemCode } from '@gatehouse/kit';
import type { Inputs, Pulse, Relays } from './board-parts.ts';
import { ProfileError, profileShape } from './profile-error.ts';
import { type BoardFile, ProfileFile, type SensorFile, type WiringFile } from './profile-file.ts';
import { beyond, sitePrefix, unknownProfile } from './reference-faults.ts';

/** A board as the devices use it. A wiring is its board, with the channels that its machine is wired to. */
export interface Profile {
  readonly id: string;
  /** Two profiles of the same board may share its unit address. */
  readonly boardId: string;
  readonly name: BoardFile['name'];
  readonly note: BoardFile['note'];
  readonly source: string;
  readonly relays: Relays | { readonly count: 0 };
  readonly inputs: Inputs | { readonly count: 0 };
  readonly pulse: Pulse;
  readonly worstTurnaroundMs: number;
  readonly wiring?: WiringFile;
}

export interface Catalogue {
  /** Boards, and what is wired to them. */
  readonly boards: ReadonlyMap<string, Profile>;
  readonly sensors: ReadonlyMap<string, SensorFile>;
  /** Profiles that cannot be used, by the id that their file's name gives. */
  readonly broken: ReadonlyMap<string, ProfileError>;
}

/**
 * The folder of a site's own profiles: beside its site file, where no upgrade of the software comes near it.
 */
export function siteProfiles(siteFile: string): string {
  return join(dirname(resolve(siteFile)), 'profiles');
}

/** No profile that people have written comes near these. */
const most = { files: 256, bytes: 256 * 1024 } as const;

/**
 * Reads every profile; throws the first that cannot be used (`PROFILE_INVALID`, naming file, line and field).
 */
export function loadCatalogue(folder?: string, siteFolder?: string): Catalogue {
  const catalogue = readCatalogue(folder, siteFolder);
  for (const error of catalogue.broken.values()) throw error;
  return catalogue;
}

/**
 * The same, but a profile that cannot be used is left out and named: it must not keep the doors of the others
 * shut.
 *
 * @param folder of the software's own profiles
 * @param siteFolder of the site's; nothing is read where it is not there
 */
export function readCatalogue(folder: string = import.meta.dirname, siteFolder?: string): Catalogue {
  const broken = new Map<string, ProfileError>();
  const files = [
    ...profilesIn(folder, false, broken),
    ...(siteFolder === undefined ? [] : profilesIn(siteFolder, true, broken)),
  ];
  const boards = new Map(
    files.flatMap(({ file }) => (file.kind === 'board' ? [[file.id, boardOf(file)] as const] : [])),
  );
  const wired = files.flatMap((found) => {
    const { file } = found;
    return file.kind === 'wiring' ? usable(file.id, broken, () => wiredOf(file, boards, found)) : [];
  });
  const sensors = files.flatMap(({ file }) => (file.kind === 'sensor' ? [[file.id, file] as const] : []));
  return {
    boards: new Map([...boards, ...wired.map((profile) => [profile.id, profile] as const)]),
    sensors: new Map(sensors),
    broken,
  };
}

/** The boards alone, by id. */
export function loadProfiles(folder?: string): ReadonlyMap<string, Profile> {
  return loadCatalogue(folder).boards;
}

interface FoundProfile {
  readonly path: string;
  readonly file: ProfileFile;
  readonly lineOf: (path: SiteFault['path']) => number;
}

function profilesIn(folder: string, ofSite: boolean, broken: Map<string, ProfileError>): FoundProfile[] {
  return usable(folder, broken, () => namesIn(folder, ofSite)).flatMap((names) =>
    names.flatMap((name) => {
      const path = join(folder, name);
      return usable(basename(name, '.json'), broken, () => readProfile(path, ofSite));
    }),
  );
}

/** The made profile, or nothing with the mistake noted under an id. */
function usable<T>(id: string, broken: Map<string, ProfileError>, make: () => T): T[] {
  try {
    return [make()];
  } catch (error) {
    if (!(error instanceof ProfileError)) throw error;
    broken.set(id, error);
    return [];
  }
}

function namesIn(folder: string, mayBeMissing: boolean): string[] {
  try {
    const names = readdirSync(folder).filter(
      (name) => name.endsWith('.json') && !name.endsWith('.schema.json'),
    );
    if (names.length <= most.files) return names.toSorted();
    throw invalid(folder, 'profiles-too-many', { count: names.length, most: most.files });
  } catch (cause) {
    const code = systemCode(cause);
    if (code === undefined || cause instanceof ProfileError) throw cause;
    if (code === 'ENOENT' && mayBeMissing) return [];
    throw invalid(folder, 'profile-folder', { why: code }, cause);
  }
}

function boardOf(file: BoardFile): Profile {
  const { id, name, note, source, worstTurnaroundMs } = file;
  return {
    ...{ id, boardId: id, name, note, source, worstTurnaroundMs },
    relays: file.relays ?? { count: 0 },
    inputs: file.inputs ?? { count: 0 },
    // A board without relays pulses none.
    pulse: file.pulse ?? { by: 'box' },
  };
}

function wiredOf(
  file: WiringFile,
  boards: ReadonlyMap<string, Profile>,
  { path, lineOf }: FoundProfile,
): Profile {
  const board = boards.get(file.board);
  const faults = board ? channelFaults(file, board) : [unknownProfile(['board'], file.board, boards)];
  if (!board || faults.length > 0)
    throw new ProfileError(
      path,
      faults.map((fault) => ({ fault, line: lineOf(fault.path) })),
    );
  const { id, name, note, source } = file;
  return { ...board, id, name, note, source, wiring: file };
}

function channelFaults({ outputs, inputs }: WiringFile, board: Profile): SiteFault[] {
  const channels = (terminals: WiringFile['outputs'] | WiringFile['inputs']) =>
    Object.fromEntries(Object.entries(terminals).map(([name, terminal]) => [name, terminal?.channel]));
  return [
    ...beyond(['outputs'], channels(outputs), board, 'relays'),
    ...beyond(['inputs'], channels(inputs), board, 'inputs'),
  ].map((fault) => ({ ...fault, path: [...fault.path, 'channel'] }));
}

function readProfile(path: string, ofSite: boolean): FoundProfile {
  const checks = [({ id }: ProfileFile) => nameFaults(id, basename(path), ofSite)];
  const result = checkText(readText(path), { schema: ProfileFile, shape: profileShape, checks });
  if (!result.ok) throw new ProfileError(path, result.faults);
  return { path, file: result.value, lineOf: result.lineOf };
}

function nameFaults(id: string, file: string, ofSite: boolean): SiteFault[] {
  const path = ['id'];
  const values = { id, file: basename(file, '.json') };
  if (id !== values.file) return [{ path, code: 'profile-file-name', values }];
  if (ofSite === id.startsWith(sitePrefix)) return [];
  return [{ path, code: ofSite ? 'profile-site-name' : 'profile-own-name', values }];
}

/** The text of a profile, which is JSON; throws where it is not. */
function readText(path: string): string {
  const text = decoded(path);
  try {
    // A byte order mark is of the encoding, not of the text.
    JSON.parse(text.replace(/^\ufeff/, ''));
    return text;
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw invalid(path, 'json', { said }, cause, Number(/\(line (\d+)/.exec(said)?.[1] ?? 1));
  }
}

function decoded(path: string): string {
  try {
    if (statSync(path).size > most.bytes)
      throw invalid(path, 'profile-too-long', { most: most.bytes / 1024 });
    const read = siteText(readFileSync(path));
    if (read.ok) return read.text;
    throw new ProfileError(path, [{ fault: read.fault, line: Number(read.fault.values?.line ?? 1) }]);
  } catch (cause) {
    if (cause instanceof ProfileError) throw cause;
    throw invalid(path, 'profile-unreadable', { why: systemCode(cause) ?? 'error' }, cause);
  }
}

function invalid(
  path: string,
  code: SiteFault['code'],
  values: SiteFault['values'] = {},
  cause?: unknown,
  line = 1,
): ProfileError {
  return new ProfileError(path, [{ fault: { path: [], code, values }, line }], cause);
}
