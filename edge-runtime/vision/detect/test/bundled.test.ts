import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { bundledModel, resolveModel } from '@gatehouse/models';
import { loadDetector } from '../../infer/load-detector.ts';
import { trackedFrom } from '../../track/index.ts';
import { labelledFrames } from '../accuracy/frames.ts';
import { readRendered } from '../accuracy/rendered.ts';
import { Tally } from '../accuracy/score.ts';
import { createDetector, type Detection } from '../index.ts';

/** Pictures of the simulated compound that the detector was not taught with, and their exact labels. */
const pictures = join(import.meta.dirname, 'rendered');

test('a detector for a tracker gives out what it doubts, too, and marks it', async () => {
  const env = { GATEHOUSE_STATE_DIR: join(pictures, 'nowhere') };
  const detector = await loadDetector(bundledModel()?.id, { env });
  const { threshold } = bundledModel() ?? { threshold: Number.NaN };
  const [medium] = readRendered(pictures);
  assert.ok(medium);
  const found: Detection[] = [];
  for await (const planes of labelledFrames(medium, detector.input))
    found.push(
      ...(await detector.detect({ planes, sourceWidth: medium.width, sourceHeight: medium.height })),
    );
  await detector.close();
  assert.ok(found.some(({ doubtful }) => doubtful) && found.some(({ doubtful }) => !doubtful));
  for (const { score, doubtful } of found) {
    assert.ok(score >= trackedFrom);
    assert.equal(doubtful ?? false, score < threshold);
  }
});

test('the bundled detector finds vehicles and people, with no mirror, no cache and no network', async () => {
  const { entry, file } = await resolveModel(bundledModel()?.id ?? 'none', {
    env: { GATEHOUSE_STATE_DIR: join(pictures, 'nowhere') },
  });
  const detector = await createDetector(entry, file);
  const [vehicles, persons] = [new Tally('vehicle'), new Tally('person')];
  const [medium] = readRendered(pictures);
  assert.ok(medium);
  let index = 0;
  for await (const planes of labelledFrames(medium, detector.input)) {
    const found = await detector.detect({ planes, sourceWidth: medium.width, sourceHeight: medium.height });
    const objects = medium.frames[index++]?.objects ?? [];
    for (const tally of [vehicles, persons]) tally.add(found, objects, medium);
  }
  await detector.close();
  assert.ok(vehicles.objects >= 3 && persons.objects >= 2, 'the pictures show too little to judge by');
  for (const tally of [vehicles, persons]) {
    const { precision, recall } = tally.at(entry.threshold);
    assert.ok(precision >= 0.75 && recall >= 0.75, `precision ${precision}, recall ${recall}`);
  }
});
