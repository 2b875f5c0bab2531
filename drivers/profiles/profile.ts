import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { checkText, dotted, type TextFault } from '@gatehouse/contracts';
import { systemCode } from '@gatehouse/kit';
import type { Inputs, Pulse, Relays } from './board-file.ts';
import { explainProfile, ProfileError } from './profile-error.ts';
import { type BoardFile, ProfileFile, type SensorFile, type WiringFile } from './profile-file.ts';

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
 * Profiles of a site have this in front of their ids and those of the software do not, so that no upgrade can
 * mean another board by the name of one of a site, nor a site by the name of one of the software.
 */
export const sitePrefix = 'site-';
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
  readonly lineOf: (path: TextFault['path']) => number;
}

function profilesIn(folder: string, ofSite: boolean, broken: Map<string, ProfileError>): FoundProfile[] {
  return usable(folder, broken, () => namesIn(folder, ofSite)).flatMap((names) =>
    names.flatMap((name) => {
      const path = join(folder, name);
      return usable(basename(name, '.json'), broken, () => readProfile(path, ofSite));
    }),
  );
}

/** What can be made, or nothing with the mistake noted under an id. */
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
    throw invalid(folder, `${names.length} profiles are more than ${most.files}`);
  } catch (cause) {
    const code = systemCode(cause);
    if (code === undefined || cause instanceof ProfileError) throw cause;
    if (code === 'ENOENT' && mayBeMissing) return [];
    throw invalid(folder, `the folder cannot be read (${code})`, cause);
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
  const wrong = (field: TextFault['path'], message: string) =>
    new ProfileError(path, [{ path: dotted(field), line: lineOf(field), message }]);
  if (!board) throw wrong(['board'], `no board profile is called "${file.board}"`);
  for (const [group, count] of [
    ['outputs', board.relays.count],
    ['inputs', board.inputs.count],
  ] as const)
    for (const [name, terminal] of Object.entries(file[group]))
      if (terminal && terminal.channel >= count)
        throw wrong([group, name, 'channel'], `${board.id} has only ${count} ${group}`);
  const { id, name, note, source } = file;
  return { ...board, id, name, note, source, wiring: file };
}

function readProfile(path: string, ofSite: boolean): FoundProfile {
  const further = ({ id }: ProfileFile) => nameFaults(id, basename(path), ofSite);
  const result = checkText(readText(path), { schema: ProfileFile, explain: explainProfile, further });
  if (!result.ok) throw new ProfileError(path, result.problems);
  return { path, file: result.value, lineOf: result.lineOf };
}

function nameFaults(id: string, fileName: string, ofSite: boolean): TextFault[] {
  const fault = (message: string) => [{ path: ['id'], message }];
  if (`${id}.json` !== fileName) return fault(`"${id}" is not the name of the file`);
  if (ofSite === id.startsWith(sitePrefix)) return [];
  return fault(
    ofSite
      ? `a profile of a site is called "${sitePrefix}…", so that it never stands for one of the software: ` +
          'name file, id and "profile" in the site file so'
      : `"${sitePrefix}…" is for profiles of a site`,
  );
}

/** The text of a profile, which is JSON; throws where it is not. */
function readText(path: string): string {
  try {
    if (statSync(path).size > most.bytes) throw invalid(path, `is longer than ${most.bytes / 1024} KiB`);
    const text = readFileSync(path, 'utf8');
    JSON.parse(text);
    return text;
  } catch (cause) {
    if (cause instanceof ProfileError) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    const line = Number(/\(line (\d+)/.exec(message)?.[1] ?? 1);
    throw invalid(path, message, cause, line);
  }
}

function invalid(path: string, message: string, cause?: unknown, line = 1): ProfileError {
  return new ProfileError(path, [{ path: '(file)', line, message }], cause);
}
