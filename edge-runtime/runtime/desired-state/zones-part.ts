import { sameZones, type ZonesByCamera } from '@gatehouse/contracts';
import type { CurrentSite } from '../site/current-site.ts';
import { type ConfigurablePart, editedLocally, type Update } from './part.ts';

/**
 * Zones and their rules, by the same checked edit of the site file that the console makes: all cameras in one
 * write.
 */
export class ZonesPart implements ConfigurablePart {
  readonly #site: CurrentSite;
  constructor(site: CurrentSite) {
    this.#site = site;
  }

  check({ parts }: Update): void {
    this.#site.checkZones(parts.zones ?? {});
  }

  async base({ parts }: Update): Promise<ZonesByCamera> {
    return this.#site.zonesInFile(Object.keys(parts.zones ?? {}));
  }

  async standing(update: Update, base: unknown): Promise<'before' | 'target' | 'edited'> {
    return this.#standing(update, base as ZonesByCamera);
  }

  async apply(update: Update, base: unknown): Promise<void> {
    const version = this.#site.version();
    const standing = this.#standing(update, base as ZonesByCamera);
    if (standing === 'edited') throw editedLocally('zones were');
    if (standing === 'before') this.#site.saveAllZones(update.parts.zones ?? {}, version, update.by);
  }

  /** A camera whose zones somebody has changed since keeps them. */
  async undo({ parts, by }: Update, base: unknown): Promise<void> {
    const version = this.#site.version();
    const wanted = Object.entries(parts.zones ?? {});
    const now = this.#site.zonesInFile(wanted.map(([camera]) => camera));
    const back = wanted.flatMap(([camera, zones]) => {
      const before = (base as ZonesByCamera)[camera] ?? [];
      const changed = sameZones(now[camera] ?? [], zones) && !sameZones(before, zones);
      return changed ? [[camera, before] as const] : [];
    });
    if (back.length > 0) this.#site.saveAllZones(Object.fromEntries(back), version, by);
  }

  async release(): Promise<void> {
    // The site's history keeps versions by its own rule.
  }

  async faults(): Promise<readonly []> {
    return [];
  }

  #standing({ parts }: Update, base: ZonesByCamera): 'before' | 'target' | 'edited' {
    const zones: ZonesByCamera = parts.zones ?? {};
    const now: ZonesByCamera = this.#site.zonesInFile(Object.keys(zones));
    const all = (other: ZonesByCamera) =>
      Object.keys(zones).every((camera) => sameZones(now[camera] ?? [], other[camera] ?? []));
    if (all(zones)) return 'target';
    return all(base) ? 'before' : 'edited';
  }
}
