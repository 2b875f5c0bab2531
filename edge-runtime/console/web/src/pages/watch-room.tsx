import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { callApi } from '../api.ts';
import { AlarmSpeaker } from '../parts/alarm-speaker.tsx';
import { FireBanner } from '../parts/fire-banner.tsx';
import { Header } from '../parts/header.tsx';
import { LinkBanner } from '../parts/link-banner.tsx';
import type { Preferences } from '../preferences.ts';
import { type Login, useBox, useNow, useSite, WatchContext } from '../state/hooks.ts';
import { pageAt } from './registry.tsx';

/**
 * A guard at the screen keeps the login alive by working, not by an open page: the box hears of it at most
 * this often.
 */
const activityEveryMs = 5 * 60_000;

interface Props {
  readonly login: Login;
  readonly preferences: Preferences;
  readonly change: (part: Partial<Preferences>) => void;
  /** The box refused us: the login may have ended. */
  readonly onSessionLost: () => void;
}

/** Everything behind the login. Alarms sound on every page of it. */
export function WatchRoom({ login, preferences, change, onSessionLost }: Props) {
  const box = useBox(onSessionLost);
  const site = useSite(box);
  const nowMs = useNow();
  const [url, go] = useUrl();
  const [path = '/'] = url.split('?');
  const { Page } = pageAt(path, login.role);
  useActivity(onSessionLost);
  const watch = useMemo(() => ({ box, site, login, nowMs, go }), [box, site, login, nowMs, go]);
  return (
    <WatchContext value={watch}>
      <Header path={path} go={go} preferences={preferences} change={change} onLogout={onSessionLost} />
      <FireBanner />
      <LinkBanner />
      <AlarmSpeaker sound={preferences.sound} />
      <Page query={url.slice(path.length)} />
    </WatchContext>
  );
}

function addressHere(): string {
  return location.pathname + location.search;
}

/** Path and query of the address, and a function that goes to another one. */
function useUrl(): readonly [string, (to: string) => void] {
  const [url, set] = useState(addressHere);
  useEffect(() => {
    const follow = () => set(addressHere());
    addEventListener('popstate', follow);
    return () => removeEventListener('popstate', follow);
  }, []);
  const go = useCallback((to: string) => {
    history.pushState(null, '', to);
    set(to);
  }, []);
  return [url, go];
}

function useActivity(onSessionLost: () => void): void {
  const toldMs = useRef(Date.now());
  useEffect(() => {
    const tell = () => {
      if (Date.now() - toldMs.current < activityEveryMs) return;
      toldMs.current = Date.now();
      callApi('session').then(
        ({ user }) => user === undefined && onSessionLost(),
        (error) => console.warn('activity not told', error),
      );
    };
    const kinds = ['pointerdown', 'keydown'] as const;
    for (const kind of kinds) addEventListener(kind, tell);
    return () => {
      for (const kind of kinds) removeEventListener(kind, tell);
    };
  }, [onSessionLost]);
}
