import { CloudSyncOutlined, CloudUploadOutlined, DisconnectOutlined, WarningFilled } from '@ant-design/icons';
import type { Endangered } from '@gatehouse/contracts';
import { faultWords, lineInWords, plainWords } from '@gatehouse/errors';
import { Alert } from 'antd';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import { type Language, languageOf } from '../i18n.ts';
import { type BoxTrouble, troubles } from '../state/box-state.ts';
import { useWatch } from '../state/hooks.ts';
import { durationText } from '../time-text.ts';

/**
 * The state of the links: to the box (without it nothing below can be trusted) and from the box to the
 * platform.
 */
export function LinkBanner() {
  const { t } = useTranslation();
  const { box, nowMs } = useWatch();
  if (box.link === 'connecting')
    return <Alert banner type="info" icon={<CloudSyncOutlined />} showIcon title={t('link.connecting')} />;
  if (box.link === 'lost') {
    const since =
      box.lastHeardMs === undefined
        ? ''
        : t('link.lost-since', { ago: durationText(t, nowMs - box.lastHeardMs) });
    return (
      <div role="alert" className="lost-banner">
        <DisconnectOutlined />
        <strong>{t('link.lost')}</strong>
        <span>{since}</span>
      </div>
    );
  }
  return (
    <>
      <TroubleLines />
      <UplinkLine />
      <DesiredLine />
    </>
  );
}

/** The error's code in a line that a service gave. */
function codeIn(detail: string): string | undefined {
  return /\b[A-Z]+(?:_[A-Z]+)+\b/.exec(detail)?.[0];
}

/** Every fault of the box itself, in the guard's words where there are some, otherwise in the box's own. */
function TroubleLines() {
  const { t, i18n } = useTranslation();
  const { box } = useWatch();
  const all = troubles(box.services);
  if (all.length === 0) return null;
  return (
    <div className="troubles">
      {all.map(({ service, endangers, code, detail, gone }) => (
        <div
          key={`${service} ${code} ${detail}`}
          role="alert"
          className={`trouble ${calm.includes(endangers) ? 'calm' : ''}`}
          data-trouble={service}
        >
          <WarningFilled />
          <strong>{gone ? t(`trouble.${service}`) : t(`endangers.${endangers}`)}</strong>
          {!gone && <span>{words(t, { code, detail }, languageOf(i18n.language))}</span>}
        </div>
      ))}
    </div>
  );
}

/** Nothing that a guard has to act on at once. */
const calm: readonly Endangered[] = ['platform', 'comfort'];

function words(
  t: TFunction,
  { code, detail }: Pick<BoxTrouble, 'code' | 'detail'>,
  language: Language,
): string {
  const found = faultWords[code] ?? plainWords[code];
  if (found) return language === 'en' ? found.en : found.zh;
  return t(`reason.${code}`, { defaultValue: '' }) || lineInWords(detail, language);
}

/** The state of the platform's newest configuration, unless it is in force without a remark. */
function DesiredLine() {
  const { t, i18n } = useTranslation();
  const { box } = useWatch();
  const desired = box.uplink?.desired;
  if (!desired || desired.phase === 'settled') return null;
  const { phase, version, waitsFor = [], reason } = desired;
  const waits = waitsFor.map((wait) => t(`desired.wait-${wait}`)).join(t('desired.and'));
  const known = reason !== undefined && i18n.exists(`desired.reason-${reason}`);
  return (
    <div className="uplink up" role="status" data-desired={phase}>
      <CloudSyncOutlined />
      <span>
        {t('desired.version', { version })}: <strong>{t(`desired.${phase}`)}</strong>
      </span>
      {waits && <span>{t('desired.waits', { waits })}</span>}
      {reason && <span>{known ? t(`desired.reason-${reason}`) : reason}</span>}
    </div>
  );
}

function UplinkLine() {
  const { t } = useTranslation();
  const { box, nowMs } = useWatch();
  const { state = 'unknown', faults = [], notes = [], commands } = box.uplink?.status ?? {};
  const reasons = [...faults.map(({ detail }) => detail), ...notes];
  const linked = state === 'connected' || state === 'off';
  const cut = commands?.state === 'down';
  const up = linked && !cut;
  const { backlog = 0, oldestUnsentAt } = box.uplink ?? {};
  const ago = (since: string) => durationText(t, nowMs + box.clockOffsetMs - Date.parse(since));
  return (
    <div className={`uplink ${up ? 'up' : 'down'}`} role="status">
      {up ? <CloudUploadOutlined /> : <DisconnectOutlined />}
      <span>
        {t('link.uplink')}: <strong>{t(`link-state.${state}`)}</strong>
      </span>
      {reasons.map((reason) => (
        <Reason key={reason} detail={reason} />
      ))}
      {state !== 'off' && <span>{t('link.backlog', { n: backlog })}</span>}
      {oldestUnsentAt && backlog > 0 && <span>{t('link.oldest', { ago: ago(oldestUnsentAt) })}</span>}
      {commands && cut && (
        <span data-commands="down">{t('link.commands-down', { ago: ago(commands.since) })}</span>
      )}
      {commands?.detail && cut && !reasons.includes(commands.detail) && <Reason detail={commands.detail} />}
      {!up && <span>{t('link.local-ok')}</span>}
    </div>
  );
}

/** The reason why a link is down, or its remedy, where there are words for it. */
function Reason({ detail = '' }: { readonly detail: string | undefined }) {
  const { t, i18n } = useTranslation();
  const code = codeIn(detail);
  return code !== undefined && i18n.exists(`reason.${code}`) ? <span>{t(`reason.${code}`)}</span> : undefined;
}
