import type { Clock, Log } from '@gatehouse/kit';

export interface ConsoleOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** 32 random bytes that stay the same over restarts. They sign the device cookies. */
  readonly deviceKey: Buffer;
  /** Unix socket of Node-RED's HTTP server. */
  readonly editorSocket: string;
  /** TCP ports of the console's pages and of the flow editor, once they listen. */
  readonly listeners: () => { readonly console: number; readonly editor: number };
  /**
   * Host names, besides IP addresses and localhost, under which browsers may address this box (DNS rebinding
   * guard).
   */
  readonly hostNames?: readonly string[];
  /** True when both are served over HTTPS: cookies get `Secure` and the `__Host-` prefix. */
  readonly https?: boolean;
  /** Folder of the built pages; default `web/dist`. */
  readonly pagesDir?: string;
}
