import type { SessionAnswer } from '@gatehouse/contracts/console';
import { App as AntApp, Button, ConfigProvider, Result, Spin } from 'antd';
import enUS from 'antd/locale/en_US';
import zhCN from 'antd/locale/zh_CN';
import { useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { callApi, errorText, loginLost } from './api.ts';
import { LoginPage } from './pages/login.tsx';
import { SetupPage } from './pages/setup.tsx';
import { WatchRoom } from './pages/watch-room.tsx';
import { isNight, type Preferences, usePreferences } from './preferences.ts';
import { type Login, useNow } from './state/hooks.ts';
import { consoleTheme } from './theme.ts';

type Entrance =
  | { readonly at: 'loading' | 'setup' | 'login' }
  | { readonly at: 'failed'; readonly error: unknown }
  | { readonly at: 'inside'; readonly login: Login };

export function App() {
  const [preferences, change] = usePreferences();
  const nowMs = useNow(60_000);
  const { i18n } = useTranslation();
  const dark = preferences.theme === 'auto' ? isNight(new Date(nowMs)) : preferences.theme === 'dark';
  useEffect(() => {
    void i18n.changeLanguage(preferences.language);
    document.documentElement.lang = preferences.language;
  }, [i18n, preferences.language]);
  useEffect(() => {
    document.documentElement.dataset.theme = dark ? 'dark' : 'light';
    document.documentElement.style.colorScheme = dark ? 'dark' : 'light';
  }, [dark]);
  return (
    <ConfigProvider
      theme={consoleTheme(dark ? 'dark' : 'light', preferences.largeText)}
      locale={preferences.language === 'en' ? enUS : zhCN}
      button={{ autoInsertSpace: false }}
    >
      <AntApp className="app">
        <Entrance preferences={preferences} change={change} />
      </AntApp>
    </ConfigProvider>
  );
}

interface EntranceProps {
  readonly preferences: Preferences;
  readonly change: (part: Partial<Preferences>) => void;
}

/** Decides by the session which page is shown. */
function Entrance({ preferences, change }: EntranceProps) {
  const { t } = useTranslation();
  const [entrance, setEntrance] = useState<Entrance>({ at: 'loading' });
  const enter = useCallback((session: SessionAnswer) => {
    const { user, role, setupNeeded } = session;
    if (user && role) setEntrance({ at: 'inside', login: { user, role } });
    else setEntrance({ at: setupNeeded ? 'setup' : 'login' });
  }, []);
  const ask = useCallback(() => {
    callApi('session').then(enter, (error) => setEntrance({ at: 'failed', error }));
  }, [enter]);
  /**
   * A lost box is no reason to leave the page: the last state, marked unknown, is worth more than an error.
   */
  const askAgain = useCallback(() => {
    callApi('session').then(enter, (error) => console.warn(errorText(error)));
  }, [enter]);
  useEffect(ask, [ask]);
  useEffect(() => {
    loginLost.addEventListener('lost', askAgain);
    return () => loginLost.removeEventListener('lost', askAgain);
  }, [askAgain]);

  switch (entrance.at) {
    case 'loading':
      return (
        <div className="entrance">
          <Spin description={t('app.loading')}>
            <div className="spin-room" />
          </Spin>
        </div>
      );
    case 'failed':
      return (
        <Result
          status="warning"
          title={errorText(entrance.error)}
          extra={
            <Button type="primary" onClick={ask}>
              {t('app.retry')}
            </Button>
          }
        />
      );
    case 'setup':
      return <SetupPage preferences={preferences} change={change} onDone={enter} />;
    case 'login':
      return <LoginPage preferences={preferences} change={change} onDone={enter} />;
    case 'inside':
      return (
        <WatchRoom
          login={entrance.login}
          preferences={preferences}
          change={change}
          onSessionLost={askAgain}
        />
      );
  }
}
