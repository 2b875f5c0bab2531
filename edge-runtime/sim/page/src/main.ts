import type { StudioPage } from '../../render/studio-page.ts';
import { Studio } from './picture/studio.ts';

const studio = new Studio();

const page: StudioPage = {
  setWorld: (world) => studio.setWorld(world),
  async draw(moment, view, frame, postTo) {
    const { pixels, labels } = studio.draw(moment, view, frame, postTo !== undefined);
    if (pixels && postTo !== undefined) {
      const response = await fetch(postTo, { method: 'POST', body: pixels });
      if (!response.ok) throw new Error(`the renderer did not take the picture: ${response.status}`);
    }
    return labels;
  },
};

Object.assign(globalThis, { studioPage: page });
