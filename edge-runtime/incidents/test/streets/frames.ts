/** The frames that the vision service tells of a street. Imports nothing of the product (see script.ts). */
import { lcg, type SceneFrame, shuffled } from '../scenes/frames.ts';
import { inside } from '../scenes/script.ts';
import { detectedAt } from './detections.ts';
import { PlacesModel } from './places.ts';
import { during, presentAt, type Script } from './script.ts';
import { TrackerModel } from './tracker.ts';

export function* framesOf(script: Script): Generator<SceneFrame> {
  const random = lcg(script.seed);
  const tracker = new TrackerModel(script, random);
  const places = new PlacesModel(script, random);
  let lastS = Number.NEGATIVE_INFINITY;
  for (let i = 0; i / script.fps < script.endS; i++) {
    const t = i / script.fps;
    if (during(script.pauses, t)) continue;
    const since = { fromS: lastS, toS: t };
    const restarted = script.pauses.some(({ restart, toS }) => restart && lastS < toS && toS <= t);
    if (restarted) tracker.restart();
    for (const { actor, atS } of script.idChanges) if (inside(atS, since)) tracker.renew(`actor ${actor}`);
    for (const { a, b, atS } of script.swaps)
      if (inside(atS, since)) tracker.swap(`actor ${a}`, `actor ${b}`);
    lastS = t;
    const present = presentAt(script, t);
    const told = tracker.follow(t, detectedAt(script, t, present, random));
    const tracks = shuffled(
      told.map(({ track }) => track),
      random,
    );
    yield { atMs: Math.round(t * 1000), restarted, tracks, places: places.look(t, present, told) };
  }
}
