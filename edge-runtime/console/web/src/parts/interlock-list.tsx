import { LinkOutlined, QuestionCircleOutlined, WarningFilled } from '@ant-design/icons';
import { useTranslation } from 'react-i18next';
import { localName } from '../i18n.ts';
import { useWatch } from '../state/hooks.ts';
import { Mark } from './incident-tags.tsx';

/** Doors of which one at most may be open: kept, violated, or not known while the box is not heard. */
export function InterlockList() {
  const { t, i18n } = useTranslation();
  const { box, site } = useWatch();
  const violated = new Set(
    [...box.incidents.values()]
      .filter(({ kind, phase }) => kind === 'interlock-violated' && phase !== 'cleared')
      .map(({ device }) => device),
  );
  return (
    <ul className="inputs">
      {(site?.interlocks ?? []).map(({ id, name }) => {
        const state = box.link !== 'live' ? 'unknown' : violated.has(id) ? 'violated' : 'kept';
        return (
          <li key={id} className="input" data-interlock={id} data-state={state}>
            <strong className="input-name">{localName(name, i18n.language)}</strong>
            <InterlockMark state={state} />
            <span className="input-note">{t(`interlock.${state}-note`)}</span>
          </li>
        );
      })}
    </ul>
  );
}

const look = {
  kept: ['success', <LinkOutlined key="i" />],
  violated: ['error', <WarningFilled key="i" />],
  unknown: ['unknown', <QuestionCircleOutlined key="i" />],
} as const;

function InterlockMark({ state }: { readonly state: keyof typeof look }) {
  const { t } = useTranslation();
  const [tone, icon] = look[state];
  return (
    <Mark tone={tone} icon={icon}>
      {t(`interlock.${state}`)}
    </Mark>
  );
}
