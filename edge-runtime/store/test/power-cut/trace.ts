import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The disk operations of a process, in order, and its output. Paths are those that it opened. */
export type Op =
  | { readonly kind: 'write'; readonly path: string; readonly offset: number; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly path: string; readonly size: number }
  | { readonly kind: 'create' | 'sync' | 'unlink'; readonly path: string }
  | { readonly kind: 'said'; readonly text: string };

const calls = 'openat,close,pwrite64,write,fsync,fdatasync,ftruncate,unlink,unlinkat,rename,renameat2';

/** False where nothing may be traced here (no strace, or a container without ptrace). */
export function mayTrace(): boolean {
  return spawnSync('strace', ['-qq', '-e', 'trace=none', 'true']).status === 0;
}

/** Runs a command under strace and returns its operations below `folder`, byte for byte. */
export function traced(folder: string, command: readonly string[]): Op[] {
  const log = join(folder, '..', 'trace.log');
  // One thread: SQLite writes in that of its caller. -y would name paths that have been renamed since, so the
  // opens are more reliable.
  const options = ['-qq', '-xx', '-s', '1000000', '-e', `trace=${calls}`, '-e', 'signal=none', '-o', log];
  spawnSync('strace', [...options, ...command], { stdio: 'ignore', timeout: 60_000 });
  return parse(readFileSync(log, 'latin1'), folder);
}

/** `\x41\x42` as bytes. */
function bytesOf(text: string): Buffer {
  return Buffer.from(text.replaceAll('\\x', ''), 'hex');
}

function parse(text: string, folder: string): Op[] {
  const open = new Map<number, string>([[1, 'stdout']]);
  const known = new Set<string>();
  return text.split('\n').flatMap((line): Op[] => {
    const call = /^(\w+)\((.*)\)\s+= (-?\d+)/s.exec(line);
    if (!call || Number(call[3]) < 0) return [];
    const [, name = '', args = '', result = ''] = call;
    if (!/^(openat|unlink|rename)/.test(name)) return ofDescriptor(name, args, Number(result), open, folder);
    const path = bytesOf(/"([^"]*)"/.exec(args)?.[1] ?? '').toString();
    if (name === 'openat') open.set(Number(result), path);
    return path.startsWith(folder) ? ofPath(name, args, path, known) : [];
  });
}

function ofPath(name: string, args: string, path: string, known: Set<string>): Op[] {
  if (name.startsWith('rename')) throw new Error(`the trace model knows no rename (${path})`);
  if (name.startsWith('unlink')) {
    known.delete(path);
    return [{ kind: 'unlink', path }];
  }
  const isNew = args.includes('O_CREAT') && !known.has(path);
  known.add(path);
  return [
    ...(isNew ? [{ kind: 'create', path } as const] : []),
    ...(args.includes('O_TRUNC') ? [{ kind: 'truncate', path, size: 0 } as const] : []),
  ];
}

function ofDescriptor(
  name: string,
  args: string,
  result: number,
  open: Map<number, string>,
  folder: string,
): Op[] {
  const descriptor = Number.parseInt(args, 10);
  const path = open.get(descriptor) ?? '';
  if (name === 'close') open.delete(descriptor);
  const written = () => bytesOf(/"([^"]*)"/.exec(args)?.[1] ?? '').subarray(0, result);
  if (name === 'write' && descriptor === 1) return [{ kind: 'said', text: written().toString() }];
  if (!path.startsWith(folder)) return [];
  if (name === 'pwrite64')
    return [{ kind: 'write', path, offset: Number(/(\d+)$/.exec(args)?.[1]), bytes: written() }];
  if (name === 'write') throw new Error(`the trace model knows no write without an offset (${path})`);
  if (name === 'ftruncate') return [{ kind: 'truncate', path, size: Number(/(\d+)$/.exec(args)?.[1]) }];
  return name === 'fsync' || name === 'fdatasync' ? [{ kind: 'sync', path }] : [];
}
