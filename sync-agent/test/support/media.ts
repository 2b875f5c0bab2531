import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { scratchFolder } from '@gatehouse/harness';
import { type Clock, type Log, seededRandom, silentLog, systemClock } from '@gatehouse/kit';
import sharp from 'sharp';
import { MediaSender } from '../../media/media-sender.ts';
import { RuntimeMedia } from '../../media/media-source.ts';
import { Uploader, type UploaderOptions } from '../../media/upload.ts';
import { MediaServer } from '../../receiver/media/media-server.ts';
import { defaultBounds, type PictureBounds, PictureFolder } from '../../receiver/media/picture-folder.ts';
import { Throttle } from '../../uplink/throttle.ts';
import { FakeRuntime } from './fake-runtime.ts';

const kit = { clock: systemClock, log: silentLog };

/** A picture of noise, some 150 kB, as the redactor writes it. */
export function noisyJpeg(seed = 0, width = 480): Promise<Buffer> {
  const random = seededRandom(seed + 1);
  const rgb = Uint8Array.from({ length: width * width * 3 }, () => Math.floor(random() * 256));
  return sharp(rgb, { raw: { width, height: width, channels: 3 } })
    .jpeg({ quality: 80 })
    .toBuffer();
}

/** The reference media server on a port of its own. */
export async function startMediaServer(
  t: TestContext,
  { token, bounds = {} }: { readonly token?: string; readonly bounds?: Partial<PictureBounds> } = {},
) {
  const folder = join(scratchFolder(t), 'pictures');
  const pictures = new PictureFolder({ clock: systemClock, folder, bounds: { ...defaultBounds, ...bounds } });
  const server = new MediaServer({ ...kit, host: '127.0.0.1', port: 0, token, pictures });
  await server.start();
  t.after(() => server.stop());
  return { folder, pictures, port: server.port, url: `http://127.0.0.1:${server.port}` };
}

export interface SendOptions extends Partial<UploaderOptions> {
  readonly maxKbps?: number;
  readonly runtime?: FakeRuntime;
  readonly log?: Log;
  readonly clock?: Clock;
}

/** A sender in this process between a fake runtime and a media server. */
export async function startSender(t: TestContext, url: string, options: SendOptions = {}) {
  const { maxKbps, log = silentLog, clock = systemClock } = options;
  const runtime = options.runtime ?? (await FakeRuntime.start(t, 'box-1', scratchFolder(t)));
  const throttle = options.throttle ?? new Throttle(maxKbps, clock);
  const uploader = new Uploader({ timeoutMs: 2_000, ...options, url, throttle, clock });
  const sender = new MediaSender({
    ...{ box: 'box-1', url, uploader, clock, log, askEveryMs: 50 },
    source: new RuntimeMedia(runtime.socket),
    // The shortest waits there are.
    random: () => 0,
  });
  const begin = () => sender.start();
  begin();
  t.after(() => sender.stop());
  return { runtime, sender };
}
