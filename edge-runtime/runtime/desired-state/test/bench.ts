import { generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import {
  type ConfigurePart,
  type DesiredMessage,
  type DesiredWait,
  loadSite,
  type WireDesiredState,
  type Zone,
} from '@gatehouse/contracts';
import { type Log, ManualClock, silentLog } from '@gatehouse/kit';
import { EventStore } from '@gatehouse/store';
import { CurrentSite } from '../../site/current-site.ts';
import { temporaryFolder } from '../../test/fixtures.ts';
import { DesiredState } from '../desired-state.ts';
import type { ConfigurablePart } from '../part.ts';
import type { Fault } from '../rollback-watch.ts';
import { StateFile, type StoredDesired } from '../state-file.ts';
import { ZonesPart } from '../zones-part.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const x = publicKey.export({ format: 'jwk' }).x ?? '';
export const keys = [{ id: 'city-1', publicKey: Buffer.from(x, 'base64url').toString('base64') }];

export const siteText = `version: 1
site: { id: compound, name: { zh-CN: 小区, en: Compound } }
box: { id: box-1 }
cameras:
  - id: east
    name: { zh-CN: 东门, en: East gate }
    url: rtsp://192.0.2.7/stream1
    zones:
      - { id: lane, name: { zh-CN: 车道, en: Lane }, polygon: [[0, 0], [1, 0], [1, 1]] } # painted in 2025
  - id: west
    name: { zh-CN: 西门, en: West gate }
    url: rtsp://192.0.2.8/stream1
`;

export const zone = (id: string): Zone => ({
  id,
  name: { 'zh-CN': '区', en: 'Zone' },
  polygon: [
    [0, 0],
    [0.5, 0],
    [0.5, 0.5],
  ],
  rules: [],
});

export interface Signing {
  readonly version?: number;
  readonly box?: string;
  readonly atMs: number;
  readonly parts?: unknown;
  readonly type?: string;
  readonly key?: KeyObject;
  readonly keyid?: string;
}

export function signed(of: Signing): DesiredMessage {
  const { version = 1, box = 'box-1', atMs, key = privateKey, keyid = 'city-1' } = of;
  const type = of.type ?? 'application/vnd.gatehouse.desired.v1+json';
  const parts = of.parts ?? { zones: { east: [zone(`v-${version}`)] } };
  const body = Buffer.from(
    JSON.stringify({
      specversion: '1.0',
      id: randomUUID(),
      source: 'urn:city',
      type: 'gatehouse.desired.v1',
      boxid: box,
      time: new Date(atMs).toISOString(),
      data: { version, user: 'li', parts },
    }),
  );
  const bytes = Buffer.concat([Buffer.from(`DSSEv1 ${type.length} ${type} ${body.length} `), body]);
  const signatures = [{ keyid, sig: sign(null, bytes, key).toString('base64') }];
  const envelope = JSON.stringify({ payloadType: type, payload: body.toString('base64'), signatures });
  return { bytes: Buffer.from(envelope).toString('base64') };
}

/** Ends its process as kill -9 would: nothing that it was about to do happens. */
class Killed extends Error {}

/** Counts the lasting deeds of a process, and kills it just before or just after the chosen one. */
export class Deeds {
  done = 0;
  dead = false;
  killAt: { readonly deed: number; readonly after: boolean } | undefined;

  do<T>(deed: () => T): T {
    if (this.dead) throw new Killed('killed');
    this.done++;
    const here = this.killAt?.deed === this.done;
    if (here && !this.killAt?.after) this.#die();
    const result = deed();
    if (here) this.#die();
    return result;
  }
  #die(): never {
    this.dead = true;
    throw new Killed('killed');
  }
}

/** Flows as the runtime sees them, in memory: their content, and whether the service can be reached. */
export class FakeFlows implements ConfigurablePart {
  now = 'ready flows';
  down = false;
  kept: number | undefined;
  trouble: Fault[] = [];
  refuses: Error | undefined;
  check(): void {
    // Takes every update.
  }
  async base() {
    return this.now;
  }
  async standing(update: { parts: unknown }, base: unknown) {
    const { flows } = update.parts as { flows: unknown };
    if (this.now === JSON.stringify(flows)) return 'target';
    return this.now === base ? 'before' : 'edited';
  }
  async apply({ parts, version }: { parts: { flows?: unknown }; version: number }) {
    if (this.refuses) throw this.refuses;
    this.kept = version;
    this.now = JSON.stringify(parts.flows);
  }
  async undo({ parts }: { parts: { flows?: unknown } }, base: unknown) {
    if (this.now === JSON.stringify(parts.flows)) this.now = String(base);
  }
  async release() {
    this.kept = undefined;
  }
  async faults() {
    return this.trouble;
  }
}

class MortalFile extends StateFile {
  readonly #deeds: Deeds;
  constructor(folder: string, log: Log, deeds: Deeds) {
    super(folder, log);
    this.#deeds = deeds;
  }
  override save(record: StoredDesired): void {
    this.#deeds.do(() => super.save(record));
  }
}

/** A part whose every lasting deed may be the last of its process. */
function mortal(part: ConfigurablePart, deeds: Deeds): ConfigurablePart {
  return {
    check: (update) => part.check(update),
    base: (update) => part.base(update),
    standing: (update, base) => part.standing(update, base),
    apply: async (update, base) => await deeds.do(() => part.apply(update, base)),
    undo: async (update, base) => await deeds.do(() => part.undo(update, base)),
    release: async (update) => await deeds.do(() => part.release(update)),
    faults: (update, base) => part.faults(update, base),
  };
}

/**
 * A box with a real site file, a real store and real files, whose process can be killed and started again.
 */
export class Box {
  readonly clock = new ManualClock(Date.parse('2026-11-26T04:00:00Z'));
  readonly folder: string;
  readonly site: string;
  readonly flows = new FakeFlows();
  readonly store: EventStore;
  waits: DesiredWait[] = [];
  faults: Fault[] = [];
  deeds = new Deeds();
  desired!: DesiredState;
  current!: CurrentSite;
  readonly #allowed: ConfigurePart[];

  constructor(t: TestContext, allowed: ConfigurePart[] = ['zones', 'flows']) {
    this.#allowed = allowed;
    this.folder = temporaryFolder(t);
    this.site = join(this.folder, 'site.yaml');
    writeFileSync(this.site, siteText);
    this.store = new EventStore({ file: join(this.folder, 'events.db'), box: 'box-1', clock: this.clock });
    this.store.start();
    t.after(() => this.store.stop());
  }

  /** Another process on the files of the one before. */
  async start(killAt?: Deeds['killAt']): Promise<void> {
    this.desired?.stop();
    const deeds = new Deeds();
    deeds.killAt = killAt;
    this.deeds = deeds;
    this.current = new CurrentSite({
      file: this.site,
      history: join(this.folder, 'site-history'),
      site: loadSite(this.site),
      apply: () => undefined,
      clock: this.clock,
      log: silentLog,
    });
    this.desired = new DesiredState({
      box: 'box-1',
      keys,
      allowed: this.#allowed,
      file: new MortalFile(join(this.folder, 'desired'), silentLog, deeds),
      parts: { zones: mortal(new ZonesPart(this.current), deeds), flows: mortal(this.flows, deeds) },
      unquiet: () => this.waits,
      faults: () => this.faults,
      store: { record: (entry, audit) => deeds.do(() => this.store.record(entry, audit)) },
      clock: this.clock,
      log: silentLog,
    });
    await this.desired.start();
    await this.clock.advance(0);
  }

  take(of: Partial<Signing> = {}) {
    return this.desired.take(signed({ atMs: this.clock.epochMs(), ...of }));
  }
  zones(camera = 'east'): string[] {
    const { cameras } = loadSite(this.site);
    return cameras.find(({ id }) => id === camera)?.zones.map(({ id }) => id) ?? [];
  }
  /** The platform's events, oldest first. */
  told(): WireDesiredState[] {
    return this.store.outboxBatch('door', 0, 200).events.map(({ data }) => data as WireDesiredState);
  }
  phases(): string[] {
    return this.told().map(({ phase, version, reason }) =>
      [phase, version, reason].filter(Boolean).join(' '),
    );
  }
  read(): string {
    return readFileSync(this.site, 'utf8');
  }
}
