import { ClockCircleOutlined } from '@ant-design/icons';
import type { Role } from '@gatehouse/contracts';
import { useTranslation } from 'react-i18next';
import { useWatch } from '../state/hooks.ts';
import { durationText } from '../time-text.ts';

/**
 * Roles that can mend the clock see its state at all times. Everybody sees it when the clock is not
 * synchronised.
 */
const keepers: readonly Role[] = ['installer', 'administrator'];

/** Shows if the box's clock is synchronised, or since when it is not. */
export function ClockLine() {
  const { t } = useTranslation();
  const { box, login, nowMs } = useWatch();
  const clock = box.services.runtime?.clock;
  if (box.link !== 'live' || !clock) return null;
  const { state, since } = clock;
  if (state !== 'unsynchronised' && !keepers.includes(login.role)) return null;
  const ago = since === undefined ? '' : durationText(t, nowMs + box.clockOffsetMs - Date.parse(since));
  return (
    <p role="status" className="model-notice" data-clock={state}>
      <ClockCircleOutlined />
      <span>{t(`clock.${state}`, { ago })}</span>
    </p>
  );
}
