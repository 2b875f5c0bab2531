import { Button, Slider } from 'antd';
import { useTranslation } from 'react-i18next';
import { useWatch } from '../state/hooks.ts';
import { clockText } from '../time-text.ts';

interface Props {
  readonly camera: string;
  readonly stored: { readonly fromMs: number; readonly toMs: number };
  readonly atMs: number;
  readonly onMove: (atMs: number) => void;
}

const steps = [-600, -60, -10, 10, 60, 600] as const;
const hourMs = 3_600_000;

/** A moment of the last 24 h, by slider or by step; the camera's incidents are marked. */
export function LookBackBar({ camera, stored, atMs, onMove }: Props) {
  const { t, i18n } = useTranslation();
  const { box, nowMs } = useWatch();
  const within = (ms: number) => Math.max(stored.fromMs, Math.min(stored.toMs, ms));
  const openings = [...box.incidents.values()]
    .filter((one) => one.camera === camera)
    .map(({ openedAt }) => Date.parse(openedAt))
    .filter((ms) => ms === within(ms));
  const marks = Object.fromEntries([
    ...hours(stored).map((ms) => [ms, timeOfDay(i18n.language, ms)] as const),
    ...openings.map((ms) => [ms, { label: '▲', className: 'opening-mark' }] as const),
  ]);
  return (
    <div className="look-back-bar">
      <div className="line">
        <strong className="moment">{clockText(i18n.language, atMs, nowMs)}</strong>
        {steps.map((s) => (
          <Button key={s} onClick={() => onMove(within(atMs + s * 1000))}>
            {t(Math.abs(s) >= 60 ? 'watching.step-min' : 'watching.step-s', {
              n: `${s > 0 ? '+' : '−'}${Math.abs(s) >= 60 ? Math.abs(s) / 60 : Math.abs(s)}`,
            })}
          </Button>
        ))}
        {openings.length > 0 && <span className="quiet">{t('watching.openings')}</span>}
      </div>
      <Slider
        min={stored.fromMs}
        max={stored.toMs}
        step={1000}
        value={atMs}
        marks={marks}
        tooltip={{ formatter: (ms) => clockText(i18n.language, ms ?? 0, nowMs) }}
        onChange={onMove}
      />
    </div>
  );
}

/** Whole hours to write under the bar: at most eight. */
function hours({ fromMs, toMs }: Props['stored']): number[] {
  const everyMs = Math.max(1, Math.ceil((toMs - fromMs) / hourMs / 8)) * hourMs;
  const first = Math.ceil(fromMs / everyMs) * everyMs;
  return Array.from(
    { length: Math.max(0, Math.floor((toMs - first) / everyMs) + 1) },
    (_, i) => first + i * everyMs,
  );
}

function timeOfDay(language: string, ms: number): string {
  return new Date(ms).toLocaleTimeString(language, { hour: '2-digit', minute: '2-digit', hour12: false });
}
