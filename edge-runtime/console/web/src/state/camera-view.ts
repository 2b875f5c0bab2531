import type { CameraView } from '@gatehouse/contracts';
import type { RouteRequest } from '@gatehouse/contracts/console';
import { useEffect, useState } from 'react';
import { callApi } from '../api.ts';
import { urlOf } from '../urls.ts';

/** A view with the picture of the same frame, if there is one, so that boxes never lie beside the cars. */
export interface SeenView {
  readonly view: CameraView;
  readonly src: string | undefined;
  /** The picture is a newer one, because none of that moment is kept. */
  readonly stale: boolean;
}

export type SeenState = { readonly seen?: SeenView; readonly error?: unknown };

/**
 * A still costs the box about a tenth of a second of one core, so the live view takes one every two seconds.
 */
const liveEveryMs = 2_000;
/** The view is asked for only after the slider has rested for this long. */
const settleMs = 250;

/** The view of a camera's rules: now, kept fresh, or at a moment of the past (ms on the frame timeline). */
export function useCameraView(camera: string | undefined, atMs: number | undefined): SeenState {
  const [state, set] = useState<SeenState>({});
  useEffect(() => {
    if (camera === undefined) return;
    let current = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      const next = await look(camera, atMs).catch((error: unknown) => ({ error }));
      if (current) set((before) => ('error' in next ? { ...before, ...next } : { seen: next }));
      if (current && atMs === undefined) timer = setTimeout(ask, liveEveryMs);
    };
    if (atMs === undefined) {
      set({});
      void ask();
    } else timer = setTimeout(ask, settleMs);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [camera, atMs]);
  return state;
}

/** Without a picture of the same frame the newest one stands behind it, and is marked so. */
async function look(camera: string, atMs: number | undefined): Promise<SeenView> {
  const moment = atMs === undefined ? {} : { atMs: Math.round(atMs) };
  const view = await callApi('watching', { id: camera, query: moment });
  const still = (query: RouteRequest<'cameraStill'>) => loaded(urlOf('cameraStill', { id: camera, query }));
  const src = view.atMs === undefined ? undefined : await still({ atMs: view.atMs });
  return { view, src: src ?? (await still({ at: Date.now() })), stale: src === undefined };
}

/** The address once the browser has the picture; `undefined` when there is none. */
function loaded(src: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const image = new Image();
    image.onload = () => resolve(src);
    image.onerror = () => resolve(undefined);
    image.src = src;
  });
}
