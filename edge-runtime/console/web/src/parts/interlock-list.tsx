import { LinkOutlined, QuestionCircleOutlined, WarningFilled } from '@ant-design/icons';
import { useTranslation } from 'react-i18next';
import { localName } from '../i18n.ts';
import { type InterlockState, interlockState } from '../state/door-sight.ts';
import { useWatch } from '../state/hooks.ts';
import { Mark } from './incident-tags.tsx';

/** Doors of which one at most may be open: kept, violated, or not known. */
export function InterlockList() {
  const { t, i18n } = useTranslation();
  const { box, site, nowMs } = useWatch();
  return (
    <ul className="inputs">
      {(site?.interlocks ?? []).map((interlock) => {
        const { id, name } = interlock;
        const state = interlockState(box, interlock, nowMs);
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
  unsure: ['unknown', <QuestionCircleOutlined key="i" />],
  unknown: ['unknown', <QuestionCircleOutlined key="i" />],
} as const satisfies Record<InterlockState, unknown>;

function InterlockMark({ state }: { readonly state: InterlockState }) {
  const { t } = useTranslation();
  const [tone, icon] = look[state];
  return (
    <Mark tone={tone} icon={icon}>
      {t(`interlock-state.${state}`)}
    </Mark>
  );
}
