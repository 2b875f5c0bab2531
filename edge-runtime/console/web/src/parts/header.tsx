import {
  AudioMutedOutlined,
  FontSizeOutlined,
  GlobalOutlined,
  LogoutOutlined,
  MoonOutlined,
  SoundOutlined,
  UserOutlined,
} from '@ant-design/icons';
import { Button, Dropdown, type MenuProps } from 'antd';
import { useTranslation } from 'react-i18next';
import { callApi } from '../api.ts';
import { localName } from '../i18n.ts';
import { homePage, pagesOf } from '../pages/registry.tsx';
import type { Preferences } from '../preferences.ts';
import { useWatch } from '../state/hooks.ts';
import { clockText } from '../time-text.ts';

interface Props {
  readonly path: string;
  readonly go: (path: string) => void;
  readonly preferences: Preferences;
  readonly change: (part: Partial<Preferences>) => void;
  readonly onLogout: () => void;
}

export function Header({ path, go, preferences, change, onLogout }: Props) {
  const { t, i18n } = useTranslation();
  const { site, login, nowMs, box } = useWatch();
  const logOut = () => {
    callApi('logOut').then(onLogout, onLogout);
  };
  const menu: MenuProps['items'] = [
    {
      key: 'who',
      disabled: true,
      icon: <UserOutlined />,
      label: `${login.user} · ${t(`role.${login.role}`)}`,
    },
    { type: 'divider' },
    ...pagesOf(login.role).map(({ name, path, icon, label, ownTab }) => ({
      key: ownTab ? name : path,
      icon,
      label: ownTab ? (
        <a href={path} target="_blank" rel="noopener">
          {t(label)}
        </a>
      ) : (
        t(label)
      ),
    })),
    { type: 'divider' },
    ...(['auto', 'dark', 'light'] as const).map((theme) => ({
      key: `theme-${theme}`,
      icon: <MoonOutlined />,
      label: `${t('nav.theme')}: ${t(`nav.theme-${theme}`)}${preferences.theme === theme ? ' ✓' : ''}`,
    })),
    {
      key: 'large',
      icon: <FontSizeOutlined />,
      label: `${t('nav.large')}${preferences.largeText ? ' ✓' : ''}`,
    },
    { type: 'divider' },
    { key: 'logout', icon: <LogoutOutlined />, label: t('nav.logout') },
  ];
  const choose: MenuProps['onClick'] = ({ key }) => {
    if (key.startsWith('/')) go(key);
    else if (key === 'logout') logOut();
    else if (key === 'large') change({ largeText: !preferences.largeText });
    else if (key === 'theme-auto' || key === 'theme-dark' || key === 'theme-light')
      change({ theme: key === 'theme-auto' ? 'auto' : key === 'theme-dark' ? 'dark' : 'light' });
  };
  return (
    <header className="header">
      <img src="/icon.svg" alt="" width={32} height={32} />
      <strong className="site-name">{localName(site?.name, i18n.language) || t('app.title')}</strong>
      <time className="clock">{clockText(i18n.language, nowMs + box.clockOffsetMs, nowMs)}</time>
      <span className="grow" />
      {path !== homePage.path && (
        <Button icon={homePage.icon} onClick={() => go(homePage.path)}>
          {t(homePage.label)}
        </Button>
      )}
      <Button
        icon={preferences.sound ? <SoundOutlined /> : <AudioMutedOutlined />}
        danger={!preferences.sound}
        aria-pressed={preferences.sound}
        onClick={() => change({ sound: !preferences.sound })}
      >
        <span className="wide">{preferences.sound ? t('nav.sound-on') : t('nav.sound-off')}</span>
      </Button>
      <Button
        icon={<GlobalOutlined />}
        onClick={() => change({ language: preferences.language === 'en' ? 'zh-CN' : 'en' })}
      >
        {t('app.language')}
      </Button>
      <Dropdown menu={{ items: menu, onClick: choose }} trigger={['click']}>
        <Button icon={<UserOutlined />} aria-label={t('nav.menu')}>
          <span className="wide">{login.user}</span>
        </Button>
      </Dropdown>
    </header>
  );
}
