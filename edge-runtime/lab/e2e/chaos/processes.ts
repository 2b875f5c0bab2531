import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** One process as the kernel shows it. */
export interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** Every process of this machine. */
export function processTable(): ProcessRow[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const stat = read(`/proc/${name}/stat`);
      const command = read(`/proc/${name}/cmdline`).replaceAll('\0', ' ');
      // proc(5): the name stands in brackets and may hold spaces; the parent is the second field after it.
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      return stat ? [{ pid: Number(name), parent, command }] : [];
    });
}

/** `root` and everything below it. */
export function descendants(root: number, table = processTable()): ProcessRow[] {
  const found = new Set([root]);
  for (let before = 0; before !== found.size; ) {
    before = found.size;
    for (const { pid, parent } of table) if (found.has(parent)) found.add(pid);
  }
  return table.filter(({ pid }) => found.has(pid));
}

/** Resident memory in MiB and open file descriptors; undefined when the process has ended. */
export function footprint(pid: number): { rssMb: number; fds: number } | undefined {
  const kb = /VmRSS:\s+(\d+) kB/.exec(read(`/proc/${pid}/status`))?.[1];
  if (!kb) return undefined;
  try {
    return { rssMb: Number(kb) / 1024, fds: readdirSync(`/proc/${pid}/fd`).length };
  } catch {
    // It ended between the two looks.
    return undefined;
  }
}

export function isAlive(pid: number): boolean {
  try {
    readlinkSync(`/proc/${pid}/exe`);
    return true;
  } catch {
    // No such process, or a zombie.
    return false;
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // The process ended meanwhile.
    return '';
  }
}
