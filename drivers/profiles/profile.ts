import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { GatehouseError } from '@gatehouse/kit';
import { type BoardFile, ProfileFile, type SensorFile, type WiringFile } from './profile-file.ts';

/** A board as the devices use it. A wiring is its board, with the channels that its machine is wired to. */
export interface Profile {
  readonly id: string;
  /** Two profiles of the same board may share its unit address. */
  readonly boardId: string;
  readonly name: BoardFile['name'];
  readonly note: BoardFile['note'];
  readonly source: string;
  readonly relays: NonNullable<BoardFile['relays']> | { readonly by: 'none'; readonly count: 0 };
  readonly inputs: NonNullable<BoardFile['inputs']> | { readonly count: 0; readonly firstInput: 0 };
  readonly pulse: NonNullable<BoardFile['pulse']>;
  readonly worstTurnaroundMs: number;
  readonly wiring?: WiringFile;
}

export interface Catalogue {
  /** Boards, and what is wired to them. */
  readonly boards: ReadonlyMap<string, Profile>;
  readonly sensors: ReadonlyMap<string, SensorFile>;
  /** Profiles that cannot be used, by the id that their file's name gives: `PROFILE_INVALID` with file and field. */
  readonly broken: ReadonlyMap<string, GatehouseError>;
}

/** Reads every profile of a folder; throws `PROFILE_INVALID` naming the file and the field. */
export function loadCatalogue(folder?: string): Catalogue {
  const catalogue = readCatalogue(folder);
  for (const error of catalogue.broken.values()) throw error;
  return catalogue;
}

/** The same, but a profile that cannot be used is left out and named: it must not keep the others' doors shut. */
export function readCatalogue(folder: string = import.meta.dirname): Catalogue {
  const names = readdirSync(folder).filter(
    (name) => name.endsWith('.json') && !name.endsWith('.schema.json'),
  );
  const broken = new Map<string, GatehouseError>();
  const usable = <T>(id: string, read: () => T): T[] => {
    try {
      return [read()];
    } catch (error) {
      if (!(error instanceof GatehouseError)) throw error;
      broken.set(id, error);
      return [];
    }
  };
  const files = names.flatMap((name) =>
    usable(basename(name, '.json'), () => readProfile(join(folder, name))),
  );
  const boards = new Map(
    files.flatMap((file) => (file.kind === 'board' ? [[file.id, boardOf(file)] as const] : [])),
  );
  const wired = files.flatMap((file) =>
    file.kind === 'wiring' ? usable(file.id, () => wiredOf(file, boards, folder)) : [],
  );
  const sensors = files.flatMap((file) => (file.kind === 'sensor' ? [[file.id, file] as const] : []));
  return {
    boards: new Map([...boards, ...wired.map((profile) => [profile.id, profile] as const)]),
    sensors: new Map(sensors),
    broken,
  };
}

/** The boards alone, by id. */
export function loadProfiles(folder: string = import.meta.dirname): ReadonlyMap<string, Profile> {
  return loadCatalogue(folder).boards;
}

function boardOf(file: BoardFile): Profile {
  const { id, name, note, source, worstTurnaroundMs } = file;
  return {
    ...{ id, boardId: id, name, note, source, worstTurnaroundMs },
    relays: file.relays ?? { by: 'none', count: 0 },
    inputs: file.inputs ?? { count: 0, firstInput: 0 },
    // A board without relays pulses none.
    pulse: file.pulse ?? { by: 'box' },
  };
}

function wiredOf(file: WiringFile, boards: ReadonlyMap<string, Profile>, folder: string): Profile {
  const path = join(folder, `${file.id}.json`);
  const board = boards.get(file.board);
  if (!board) throw invalid(path, `board: no board profile is called "${file.board}"`);
  for (const [group, count] of [
    ['outputs', board.relays.count],
    ['inputs', board.inputs.count],
  ] as const)
    for (const [name, terminal] of Object.entries(file[group]))
      if (terminal && terminal.channel >= count)
        throw invalid(path, `${group}.${name}.channel: ${board.id} has only ${count} ${group}`);
  const { id, name, note, source } = file;
  return { ...board, id, name, note, source, wiring: file };
}

function readProfile(file: string): ProfileFile {
  const result = ProfileFile.safeParse(parseJson(file));
  if (!result.success) {
    const issue = result.error.issues[0];
    throw invalid(file, `${issue?.path.join('.') || '(file)'}: ${issue?.message}`);
  }
  if (`${result.data.id}.json` !== basename(file))
    throw invalid(file, `id: "${result.data.id}" is not the name of the file`);
  return result.data;
}

function parseJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw invalid(file, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function invalid(file: string, what: string, cause?: unknown): GatehouseError {
  return new GatehouseError('PROFILE_INVALID', 'input', `${file}: ${what}.`, 'Correct the profile.', {
    cause,
  });
}
