import type { Site } from '@gatehouse/contracts';
import type { Clock, Log, Random } from '@gatehouse/kit';
import type { DriversClient, FlowsClient, VisionClient } from '@gatehouse/local-api';
import type { ConsoleListeners } from './console/console-listeners.ts';

/** Everything that the runtime takes from outside. Tests give fakes. */
export interface RuntimeOptions {
  readonly site: Site;
  /** The file that `site` was read from: edited zones are written to it. */
  readonly siteFile: string;
  /** Folder of events.db, the tracks, stills and clips, and of everything else that outlives a restart. */
  readonly stateDir: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: Random;
  readonly clients: {
    /** `limitMs` stretches vision's time limits while the box is short of processor. */
    readonly vision: (limitMs: (usualMs: number) => number) => VisionClient;
    readonly drivers: DriversClient;
    readonly flows: FlowsClient;
  };
  /** The Unix sockets of the local APIs, one for each caller. */
  readonly sockets: { readonly sync: string; readonly flows: string; readonly cli: string };
  readonly listeners: ConsoleListeners;
}
