import { CheckSquareOutlined, CloseSquareOutlined } from '@ant-design/icons';
import type { FalseAlarmReason, Incident, Label } from '@gatehouse/contracts';
import { App, Button, Input, Popover } from 'antd';
import { useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { callApi, errorText, newCommandId } from '../api.ts';
import { useWatch } from '../state/hooks.ts';
import { clockText } from '../time-text.ts';

/** In the order of their keys, 1 to 7. */
export const reasons = [
  'wrong-object',
  'not-in-zone',
  'passing',
  'allowed',
  'light-or-weather',
  'camera',
  'other',
] as const satisfies readonly FalseAlarmReason[];

/** Labels an incident with what it turned out to be. Everybody sees the label once the box has kept it. */
export function useLabel(): (incident: Incident, verdict: Label) => void {
  const { t } = useTranslation();
  const { message } = App.useApp();
  return useCallback(
    (incident, verdict) => {
      callApi('label', { id: incident.id, body: { request: newCommandId(), verdict } }).catch((error) =>
        message.error(t('verdict.not-kept', { message: errorText(error) })),
      );
    },
    [message, t],
  );
}

interface ButtonsProps {
  readonly incident: Incident;
  /** The reasons are open from outside: by key. */
  readonly asking?: boolean;
  readonly onAsk?: (asking: boolean) => void;
  readonly size?: 'small' | 'large';
}

/** Was it true? One press for yes; no asks for the reason. */
export function VerdictButtons({ incident, asking, onAsk, size = 'large' }: ButtonsProps) {
  const { t } = useTranslation();
  const label = useLabel();
  const [askingHere, askHere] = useState(false);
  const ask = onAsk ?? askHere;
  const { state } = incident.handling;
  return (
    <span className="verdict-buttons">
      <Button
        size={size}
        icon={<CheckSquareOutlined />}
        type={state === 'confirmed' ? 'primary' : 'default'}
        aria-pressed={state === 'confirmed'}
        data-verdict="confirmed"
        onClick={() => label(incident, { label: 'confirmed' })}
      >
        {t('handling.confirmed')}
      </Button>
      <Popover
        open={asking ?? askingHere}
        onOpenChange={ask}
        trigger="click"
        placement="bottomRight"
        destroyOnHidden
        content={
          <Reasons
            onChoose={(verdict) => {
              ask(false);
              label(incident, verdict);
            }}
            onLeave={() => ask(false)}
          />
        }
      >
        <Button
          size={size}
          icon={<CloseSquareOutlined />}
          type={state === 'false-alarm' ? 'primary' : 'default'}
          aria-pressed={state === 'false-alarm'}
          data-verdict="false-alarm"
        >
          {t('handling.false-alarm')}
        </Button>
      </Popover>
    </span>
  );
}

interface ReasonsProps {
  readonly onChoose: (verdict: Label) => void;
  readonly onLeave: () => void;
}

/** Asks why it was none: a key or a press. The note is optional and goes with it. */
function Reasons({ onChoose, onLeave }: ReasonsProps) {
  const { t } = useTranslation();
  const [note, setNote] = useState('');
  const choose = useCallback(
    (reason: FalseAlarmReason) => {
      const words = note.trim();
      onChoose({ label: 'false-alarm', reason, ...(words ? { note: words } : {}) });
    },
    [note, onChoose],
  );
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape') return onLeave();
      if (event.target instanceof HTMLInputElement) return;
      const reason = reasons[digitOf(event) - 1];
      if (!reason || event.repeat) return;
      event.preventDefault();
      choose(reason);
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [choose, onLeave]);
  return (
    <div className="reasons">
      <strong>{t('verdict.why')}</strong>
      {reasons.map((reason, i) => (
        <Button key={reason} block data-reason={reason} onClick={() => choose(reason)}>
          <kbd>{i + 1}</kbd> {t(`false-alarm-reason.${reason}`)}
        </Button>
      ))}
      <Input
        value={note}
        maxLength={200}
        placeholder={t('verdict.note')}
        onChange={(event) => setNote(event.target.value)}
      />
    </div>
  );
}

/** 1 to 9 of the row or the pad, also while a Chinese input method holds the letters; 0 for any other key. */
export function digitOf({ code }: KeyboardEvent): number {
  return Number(/^(?:Digit|Numpad)([1-9])$/.exec(code)?.[1] ?? 0);
}

/** The verdicts, each with its user, time and reason. */
export function VerdictLine({ incident }: { readonly incident: Incident }) {
  const { t, i18n } = useTranslation();
  const { nowMs } = useWatch();
  const { verdict } = incident.handling;
  if (!verdict) return null;
  return (
    <span className="quiet" data-verdict-line>
      {t('verdict.by', { name: verdict.by, time: clockText(i18n.language, verdict.at, nowMs) })}
      {verdict.reason && ` · ${t(`false-alarm-reason.${verdict.reason}`)}`}
      {verdict.note && ` · ${verdict.note}`}
    </span>
  );
}
