import type { Layer } from '../picture/layers.ts';
import { Throws } from '../throws.ts';
import type { StaticMesh } from './mesh.ts';

/** Tower blocks far around the compound, beyond anything that a layout holds. */
export function skyline(mesh: StaticMesh, seed: number): void {
  const t = new Throws(seed, 72);
  const count = t.int(8, 22);
  for (let i = 0; i < count; i++) {
    const [turn, away] = [t.uniform(0, 6.28), t.uniform(150, 260)];
    const height = t.uniform(15, 95);
    const tone = t.uniform(0.6, 0.95);
    mesh.box(
      [away * Math.cos(turn), height / 2, away * Math.sin(turn)],
      [t.uniform(18, 60), height, t.uniform(14, 24)],
      turn + t.uniform(0.8, 2.2),
      {
        layer: t.pick<Layer>(['plainFacade', 'balconies', 'ribbons']),
        rgb: [tone, tone * 0.97, tone * 0.92],
      },
      { tile: 6.2, bottom: false },
    );
  }
}
