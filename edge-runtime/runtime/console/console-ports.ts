import type { IncidentsPort, Pictures, TuningPort, WatchingPort } from '@gatehouse/console';
import { type IncidentChange, ZoneRule } from '@gatehouse/contracts';
import type { Clock } from '@gatehouse/kit';
import type { VisionClient } from '@gatehouse/local-api';
import type { EventStore } from '@gatehouse/store';
import type { ClipFiles } from '../evidence/clip-files.ts';
import type { StillFiles } from '../evidence/still-files.ts';
import type { Hub } from '../hub.ts';
import type { IncidentRecords } from '../incidents/incident-records.ts';
import { zonePrecision } from '../incidents/precision.ts';
import type { RuleIncidents } from '../incidents/rule-incidents.ts';
import { withZones } from '../look-back/at-moment.ts';
import type { DryRuns } from '../look-back/dry-runs.ts';
import type { LookBack } from '../look-back/look-back.ts';
import type { CurrentSite } from '../site/current-site.ts';

/** A transcoder starts with the next keyframe, and cameras send one every 10 s at worst. */
const firstPictureMs = 15_000;

export function visionPictures(vision: VisionClient): Pictures {
  return {
    live: (camera) =>
      vision.open('stream', { params: { id: camera }, query: { as: 'mpeg1' }, timeoutMs: firstPictureMs }),
    still: async (camera, atMs) =>
      (await vision.bytes('still', { params: { id: camera }, query: { atMs } })).bytes,
  };
}

interface WatchingNeeds {
  readonly currentSite: CurrentSite;
  readonly rules: RuleIncidents;
  readonly lookBack: LookBack;
}

export function watchingPort({ currentSite, rules, lookBack }: WatchingNeeds): WatchingPort {
  return {
    now(camera) {
      const stored = lookBack.stored(currentSite.camera(camera).id);
      return { ...rules.view(camera), ...(stored ? { stored } : {}) };
    },
    at: (camera, atMs) => lookBack.at(currentSite.camera(camera), atMs),
  };
}

/** Verdicts of this span count. An installer may have changed the rules since older ones. */
const precisionMs = 30 * 86_400_000;

interface TuningNeeds {
  readonly currentSite: CurrentSite;
  readonly dryRuns: DryRuns;
  readonly store: EventStore;
  readonly clock: Clock;
}

export function tuningPort({ currentSite, dryRuns, store, clock }: TuningNeeds): TuningPort {
  return {
    base: (camera) => ({
      zones: currentSite.camera(camera).zones,
      version: currentSite.version(),
      rules: ZoneRule.options.map((rule) => rule.parse({ kind: rule.shape.kind.value })),
    }),
    dryRun: (camera, zones) => dryRuns.begin(withZones(currentSite.camera(camera), zones)),
    getDryRun: (id) => dryRuns.get(id),
    cancelDryRun: (id) => dryRuns.cancel(id),
    save: (camera, zones, version, user) => currentSite.saveZones(camera, zones, version, user),
    precision: () =>
      zonePrecision(store.verdictCounts(new Date(clock.epochMs() - precisionMs).toISOString())),
  };
}

/** At most so many missed changes go to one resuming browser. Further back it loads the list anew. */
const maxResume = 1000;

interface IncidentNeeds {
  readonly store: EventStore;
  readonly records: IncidentRecords;
  readonly changes: Hub<IncidentChange>;
  readonly stills: StillFiles;
  readonly clips: ClipFiles;
}

export function incidentsPort({ store, records, changes, stills, clips }: IncidentNeeds): IncidentsPort {
  return {
    list: ({ condition, handling }, { limit, before }) => {
      const rows = store.incidents({
        limit: limit + 1,
        ...(condition ? { open: condition === 'open' } : {}),
        ...(handling ? { handling } : {}),
        ...(before ? { before: Number(before) } : {}),
      });
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      return {
        incidents: page.map(({ incident }) => incident),
        ...(rows.length > limit && last ? { next: String(last.order) } : {}),
      };
    },
    get: (id) => store.incident(id),
    acknowledge: (id, user, at) => records.acknowledge(id, user, at),
    label: (id, request) => records.label(id, request),
    labels: (id) => store.labels(id),
    still: (id, name) => stills.read(id, name),
    clip: (id) => clips.read(id),
    subscribe: (listener, afterEventId) => {
      const newest = store.lastChange();
      const after = Number(afterEventId);
      const resumed =
        afterEventId !== undefined &&
        Number.isSafeInteger(after) &&
        after <= newest &&
        newest - after <= maxResume;
      const hear = ({ sequence, incident }: IncidentChange) => listener({ id: String(sequence), incident });
      // One thread: nothing is committed between the missed ones and the subscription.
      if (resumed) for (const change of store.changesAfter(after, maxResume)) hear(change);
      return { lastEventId: String(newest), resumed, stop: changes.subscribe(hear) };
    },
  };
}
