import type { Clock, Log } from '@gatehouse/kit';

export interface ConsoleOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Host names, besides IP addresses and localhost, under which browsers may address this box (DNS rebinding guard). */
  readonly hostNames?: readonly string[];
  /** True when the console is served over HTTPS: cookies get `Secure`. */
  readonly https?: boolean;
  /** Folder of the built pages; default `web/dist`. */
  readonly pagesDir?: string;
}
