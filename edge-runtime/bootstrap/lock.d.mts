export interface Lock {
  /** For children that work under the lock. */
  readonly fd: number;
  readonly release: () => void;
}
export const waiting: string;
export function lockFileOf(root: string): string;
export function takeLock(file: string, onWait: () => void): Lock;
export function tryLock(file: string): Lock | undefined;
