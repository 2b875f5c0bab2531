import {
  CheckSquareFilled,
  CloseSquareOutlined,
  MinusCircleOutlined,
  PlusCircleFilled,
  QuestionCircleOutlined,
} from '@ant-design/icons';
import type { DryRunResult, WouldMiss, WouldRaise, Zone } from '@gatehouse/contracts';
import { Alert } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { localName } from '../i18n.ts';
import { summary } from '../state/dry-run.ts';
import { useWatch } from '../state/hooks.ts';
import { clockText, durationText } from '../time-text.ts';
import { ConditionLines } from './condition-lines.tsx';
import { Mark } from './incident-tags.tsx';

interface Props {
  readonly result: DryRunResult;
  readonly zones: readonly Zone[];
  readonly chosen: WouldRaise | undefined;
  readonly onChoose: (raised: WouldRaise | undefined) => void;
}

/**
 * The incidents that the edited zones would have raised in the stored hours, beside the real ones and the
 * guards' verdicts.
 */
export function DryRunReport({ result, zones, chosen, onChoose }: Props) {
  const { t } = useTranslation();
  const counts = summary(result);
  const { missedConfirmed } = counts;
  return (
    <div className="dry-run" data-dry-run>
      <p className="dry-run-summary">
        {t('dryrun.span', { span: durationText(t, result.toMs - result.fromMs) })}{' '}
        <strong>{t('dryrun.raised', { n: result.raised })}</strong>
        {result.raised > 0 && t('dryrun.of-them', counts)}{' '}
        {result.missed > 0 && <strong>{t('dryrun.missed', { n: result.missed, ...counts })}</strong>}
      </p>
      {missedConfirmed > 0 && (
        <Alert type="error" showIcon title={t('dryrun.misses-true', { n: missedConfirmed })} />
      )}
      <ul className="dry-run-rows">
        {result.wouldRaise.map((raised) => (
          <RaisedRow
            key={`${raised.zone}/${raised.kind}/${raised.openedMs}`}
            raised={raised}
            zones={zones}
            open={raised === chosen}
            onChoose={onChoose}
          />
        ))}
        {result.wouldMiss.map((missed) => (
          <MissedRow key={missed.id} missed={missed} zones={zones} />
        ))}
      </ul>
    </div>
  );
}

const raisedLook: Readonly<Record<string, readonly [tone: string, icon: ReactNode]>> = {
  fresh: ['warning', <PlusCircleFilled key="i" />],
  confirmed: ['success', <CheckSquareFilled key="i" />],
  'false-alarm': ['quiet', <CloseSquareOutlined key="i" />],
  unlabelled: ['quiet', <QuestionCircleOutlined key="i" />],
};

interface RowProps extends Pick<Props, 'zones' | 'onChoose'> {
  readonly raised: WouldRaise;
  readonly open: boolean;
}

function RaisedRow({ raised, zones, open, onChoose }: RowProps) {
  const { t, i18n } = useTranslation();
  const { nowMs } = useWatch();
  const { really, kind, zone, openedMs } = raised;
  const state = really ? (really.verdict?.label ?? 'unlabelled') : 'fresh';
  const [tone, icon] = raisedLook[state] ?? ['quiet', null];
  return (
    <li data-raised={state}>
      <button type="button" aria-expanded={open} onClick={() => onChoose(open ? undefined : raised)}>
        <span className="moment">{clockText(i18n.language, openedMs, nowMs)}</span>
        <span>
          {t(`kind.${kind}`)} · {nameOf(zones, zone, i18n.language)}
        </span>
        <Mark tone={tone} icon={icon}>
          {t(`dryrun.${state}`)}
        </Mark>
      </button>
      {open && <ConditionLines conditions={raised.gates} />}
    </li>
  );
}

function MissedRow({ missed, zones }: { readonly missed: WouldMiss; readonly zones: readonly Zone[] }) {
  const { t, i18n } = useTranslation();
  const { nowMs } = useWatch();
  const label = missed.verdict?.label ?? 'unlabelled';
  return (
    <li className="missed" data-missed={label}>
      <span className="moment">{clockText(i18n.language, missed.openedMs, nowMs)}</span>
      <span>
        {t(`kind.${missed.kind}`)} · {nameOf(zones, missed.zone, i18n.language)}
      </span>
      <Mark tone={label === 'confirmed' ? 'error' : 'quiet'} icon={<MinusCircleOutlined />}>
        {t('dryrun.not-raised', { what: t(`dryrun.${label}`) })}
      </Mark>
    </li>
  );
}

function nameOf(zones: readonly Zone[], id: string, language: string): string {
  return localName(zones.find((zone) => zone.id === id)?.name, language) || id;
}
