export interface Lock {
  /** For children that work under the lock. */
  readonly fd: number;
  /** From now on other processes may share it. */
  readonly share: () => void;
  readonly release: () => void;
}
export function pagesLock(root: string): string;
export function takeLock(file: string, onWait: () => void): Lock;
export function tryLock(file: string): Lock | undefined;
