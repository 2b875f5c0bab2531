import type { Site, SiteFault } from '@gatehouse/contracts';
import { byNearness, nearest } from '@gatehouse/kit';
import { catalogue, type ModelEntry } from './catalogue.ts';

/**
 * Models that a site names and that no catalogue has: the vision service starts all the same, with another
 * model, and says so. A size for a model that has only one is passed over.
 */
export function modelChecks(site: Site, models: readonly ModelEntry[] = catalogue()): SiteFault[] {
  const known = models.filter(({ task }) => task === 'objects');
  return site.cameras.flatMap(({ analysis: { model, longSidePx } }, c): SiteFault[] => {
    const at = ['cameras', c, 'analysis'];
    const entry = known.find(({ id, default: isDefault }) =>
      model === undefined ? isDefault : id === model,
    );
    if (model !== undefined && !entry) {
      const ids = byNearness(
        model,
        known.map(({ id }) => id),
      );
      const meant = nearest(model, ids);
      const code = meant === undefined ? 'model-unknown' : 'model-unknown-meant';
      return [{ path: [...at, 'model'], code, values: { name: model.slice(0, 60), known: ids, meant } }];
    }
    if (!entry || longSidePx === undefined || entry.input.multipleOf !== undefined) return [];
    const size = `${entry.input.width}x${entry.input.height}`;
    const path = [...at, 'longSidePx'];
    return [{ path, code: 'model-size', values: { model: entry.id, size }, doubtful: true }];
  });
}
