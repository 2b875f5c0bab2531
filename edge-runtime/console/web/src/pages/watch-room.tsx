import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { callApi } from '../api.ts';
import { AlarmSpeaker } from '../parts/alarm-speaker.tsx';
import { Header } from '../parts/header.tsx';
import { LinkBanner } from '../parts/link-banner.tsx';
import type { Preferences } from '../preferences.ts';
import type { Login } from '../state/hooks.ts';
import { useBox, useNow, useSite, WatchContext } from '../state/hooks.ts';
import { UsersPage } from './users.tsx';
import { WatchPage } from './watch.tsx';

/** A guard at the screen keeps the login alive by working, not by an open page: told to the box at most this often. */
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
  const site = useSite(box.link);
  const nowMs = useNow();
  const [path, go] = usePath();
  useActivity(onSessionLost);
  const watch = useMemo(() => ({ box, site, login, nowMs }), [box, site, login, nowMs]);
  return (
    <WatchContext value={watch}>
      <Header path={path} go={go} preferences={preferences} change={change} onLogout={onSessionLost} />
      <LinkBanner />
      <AlarmSpeaker sound={preferences.sound} />
      {path === '/users' && login.role === 'administrator' ? <UsersPage /> : <WatchPage />}
    </WatchContext>
  );
}

function usePath(): readonly [string, (path: string) => void] {
  const [path, set] = useState(location.pathname);
  useEffect(() => {
    const follow = () => set(location.pathname);
    addEventListener('popstate', follow);
    return () => removeEventListener('popstate', follow);
  }, []);
  const go = useCallback((to: string) => {
    history.pushState(null, '', to);
    set(to);
  }, []);
  return [path, go];
}

function useActivity(onSessionLost: () => void): void {
  const toldMs = useRef(Date.now());
  useEffect(() => {
    const tell = () => {
      if (Date.now() - toldMs.current < activityEveryMs) return;
      toldMs.current = Date.now();
      callApi<{ user?: string }>('GET', '/api/session').then(
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
