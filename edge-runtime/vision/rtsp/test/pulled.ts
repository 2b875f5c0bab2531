import type { TestContext } from 'node:test';
import { type Log, seededRandom, silentLog, systemClock } from '@gatehouse/kit';
import { Puller } from '../../puller/puller.ts';
import type { CameraSource } from '../camera-source.ts';

/** A puller on a camera, as the service runs it; it ends with the test. */
export function pull(t: TestContext, source: CameraSource) {
  const lost = Promise.withResolvers<{ reason: string; error?: unknown }>();
  const seen = Promise.withResolvers<void>();
  let pictures = 0;
  let wake: () => void = () => undefined;
  const warn: Log['warn'] = (_event, fields = {}) =>
    lost.resolve({ reason: String(fields.reason), error: fields.error });
  const puller = new Puller({
    source: () => source,
    sink: {
      begin: () => undefined,
      push: () => {
        pictures++;
        seen.resolve();
        wake();
        return 1;
      },
      end: () => undefined,
    },
    clock: systemClock,
    random: seededRandom(1),
    log: { ...silentLog, warn },
  });
  t.after(() => puller.stop());
  puller.start();
  return {
    puller,
    /** Why it gave the camera up the first time. */
    lost: lost.promise,
    /** Resolves with the first bytes of the stream. */
    streaming: seen.promise,
    /** Waits, read by read, until something holds. */
    async until(holds: () => boolean) {
      while (!holds())
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    },
    get pictures() {
      return pictures;
    },
  };
}
