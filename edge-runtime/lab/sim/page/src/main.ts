import type { StudioPage } from '../../render/studio-page.ts';
import { Studio } from './picture/studio.ts';

const studio = new Studio();

const page: StudioPage = {
  setWorld: (world) => studio.setWorld(world),
  draw(moment, view, frame, withPicture) {
    const { pixels, labels } = studio.draw(moment, view, frame, withPicture);
    return pixels ? { labels, pixels: pixels.toBase64() } : { labels };
  },
};

Object.assign(globalThis, { studioPage: page });
