import { join } from 'node:path';
import {
  driversForRuntime,
  type IncidentChange,
  type Prompt,
  parseSite,
  type Site,
  type TrackFrame,
} from '@gatehouse/contracts';
import { scratchFolder } from '@gatehouse/harness';
import { ClockSync, LocalServer, ManualClock, silentLog } from '@gatehouse/kit';
import { apiClient } from '@gatehouse/local-api';
import { EventStore, TrackStore } from '@gatehouse/store';
import express, { type Express } from 'express';
import { ClipFiles } from '../evidence/clip-files.ts';
import { EvidenceCollector, type EvidenceCollectorOptions } from '../evidence/evidence-collector.ts';
import { StillFiles } from '../evidence/still-files.ts';
import { PeerHealths } from '../health/peer-healths.ts';
import { ServiceHealths, type ServiceHealthsOptions } from '../health/service-healths.ts';
import { Hub } from '../hub.ts';
import { IncidentRecords } from '../incidents/incident-records.ts';
import { RuleIncidents } from '../incidents/rule-incidents.ts';

export { scratchFolder as temporaryFolder };

export function testSite(zones = laneZone): Site {
  const result = parseSite(`version: 1
site: { id: compound, name: { zh-CN: 小区, en: Compound } }
box: { id: box-1 }
cameras:
  - id: east
    name: { zh-CN: 东门, en: East gate }
    url: rtsp://192.0.2.7/stream1
    zones: ${zones}
buses: [{ id: tcp, kind: modbus-tcp, host: 192.0.2.9 }]
devices:
  - { id: barrier, kind: barrier, name: { zh-CN: 道闸, en: Barrier }, bus: tcp, unit: 1, profile: p, outputs: { open: 0, close: 1 }, failMode: safe }
`);
  if (!result.ok) throw new Error(JSON.stringify(result.problems[0]));
  return result.site;
}

export const laneZone = `[{ id: lane, name: { zh-CN: 车道, en: Lane }, polygon: [[0, 0], [1, 0], [1, 1], [0, 1]], rules: [{ kind: illegal-parking, stoppedAfterS: 5, violationAfterS: 30, clearAfterS: 5 }] }]`;

/** A frame with one parked car, or with nothing. */
export function frame(atMs: number, car = true): TrackFrame {
  const box = { x1: 0.4, y1: 0.4, x2: 0.6, y2: 0.6 };
  const track = { id: 1, class: 'car', score: 0.9, box, seen: true, still: true } as const;
  return { camera: 'east', atMs, tracks: car ? [track] : [] };
}

export const jpeg = Uint8Array.from([0xff, 0xd8, 0xff, 0xd9]);

export interface Bench {
  readonly store: EventStore;
  readonly tracks: TrackStore;
  readonly rules: RuleIncidents;
  readonly records: IncidentRecords;
  readonly clock: ManualClock;
  readonly seen: IncidentChange[];
  readonly prompted: Prompt[];
  /** Hands one frame to the rules as the vision link does. */
  put(frame: TrackFrame): void;
  /** Plays frames every 500 ms of frame time, with the clock moving along. */
  play(fromS: number, toS: number, car?: boolean): Promise<void>;
  stop(): void;
}

/** Rule incidents on a real store and with the real rules; frames come from the test's hand. */
export function startRules(
  folder: string,
  site = testSite(),
  takeStill: EvidenceCollectorOptions['takeStill'] = async () => jpeg,
  takeClip: EvidenceCollectorOptions['takeClip'] = async () => jpeg,
  allows: (what: 'clips' | 'stills') => boolean = () => true,
): Bench {
  const clock = new ManualClock();
  const store = new EventStore({ file: join(folder, 'events.db'), box: 'box-1', clock });
  const onError = (error: unknown) => {
    throw error;
  };
  const frames = new Hub<TrackFrame>(onError);
  const changes = new Hub<IncidentChange>(onError);
  const prompts = new Hub<Prompt>(onError);
  const prompted: Prompt[] = [];
  prompts.subscribe((prompt) => prompted.push(prompt));
  const seen: IncidentChange[] = [];
  changes.subscribe((change) => seen.push(change));
  const stills = new StillFiles(join(folder, 'stills'));
  const tracks = new TrackStore({ folder: join(folder, 'tracks'), clock, log: silentLog });
  const records = new IncidentRecords(store, changes);
  const rules = new RuleIncidents({
    site,
    tracks,
    store,
    frames,
    records,
    prompts,
    clock,
    log: silentLog,
  });
  const evidence = new EvidenceCollector({
    store,
    records,
    frames,
    changes,
    stills,
    clock,
    takeStill,
    takeClip,
    allows,
    clips: new ClipFiles(join(folder, 'clips')),
    view: (camera) => rules.view(camera),
    log: silentLog,
  });
  store.start();
  tracks.start();
  rules.start();
  evidence.start();
  return {
    store,
    tracks,
    rules,
    records,
    clock,
    seen,
    prompted,
    put: (one) => frames.publish(one),
    async play(fromS, toS, car = true) {
      for (let ms = fromS * 1000; ms < toS * 1000; ms += 500) {
        await clock.advance(500);
        frames.publish(frame(ms, car));
      }
      await clock.advance(0);
    },
    stop() {
      evidence.stop();
      rules.stop();
      tracks.stop();
      store.stop();
    },
  };
}

/** The health of a runtime with these parts, and of services that are away. */
export function healthsOf(clock: ManualClock, parts: ServiceHealthsOptions['parts'], folder: string) {
  const clockSync = new ClockSync({ clock, log: silentLog, folder: join(folder, 'none') });
  const polled = { drivers: apiClient(driversForRuntime, { socket: join(folder, 'none.sock') }) };
  return new ServiceHealths({ peers: new PeerHealths({ clock, polled }), parts, clockSync });
}

/** A service that answers as a test says, by no table. */
export function fakeService(socket: string, routes: (app: Express) => void): LocalServer {
  const app = express();
  app.use(express.json());
  routes(app);
  return new LocalServer({ socket, log: silentLog, onRequest: app });
}
