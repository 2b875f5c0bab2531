import type { Role, SiteView } from '@gatehouse/contracts';
import { createContext, useContext, useEffect, useReducer, useState } from 'react';
import { callApi } from '../api.ts';
import type { BoxState } from './box-state.ts';
import { reduceBox, unknownBox } from './box-state.ts';
import { followBox } from './feed.ts';

export interface Login {
  readonly user: string;
  readonly role: Role;
}

/** The props that every part of the watch page needs. */
export interface Watch {
  readonly box: BoxState;
  readonly site: SiteView | undefined;
  readonly login: Login;
  /** Browser clock, ticking every second. */
  readonly nowMs: number;
  /** Goes to another page: path and query. */
  readonly go: (to: string) => void;
}

export const WatchContext = createContext<Watch | undefined>(undefined);

export function useWatch(): Watch {
  const watch = useContext(WatchContext);
  if (!watch) throw new Error('outside of a watch page');
  return watch;
}

/** The browser's clock as state. */
export function useNow(periodMs = 1000): number {
  const [nowMs, set] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => set(Date.now()), periodMs);
    return () => clearInterval(timer);
  }, [periodMs]);
  return nowMs;
}

/** The box's live state. */
export function useBox(onRefused: () => void): BoxState {
  const [box, tell] = useReducer(reduceBox, unknownBox);
  useEffect(() => followBox(tell, onRefused), [onRefused]);
  return box;
}

/** Names and places; asked for again when the box comes back or reports a change of them. */
export function useSite({ link, siteVersion }: BoxState): SiteView | undefined {
  const [site, set] = useState<SiteView>();
  useEffect(() => {
    if (link !== 'live' || siteVersion === undefined) return;
    let current = true;
    callApi('site')
      .then((view) => current && set(view))
      .catch((error) => console.warn('site not read', error));
    return () => {
      current = false;
    };
  }, [link, siteVersion]);
  return site;
}
