import { FireFilled, QuestionCircleFilled } from '@ant-design/icons';
import type { FireState } from '@gatehouse/contracts';
import { mayCall } from '@gatehouse/contracts/console';
import { App, Button, Checkbox, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { callApi, errorText } from '../api.ts';
import { localName } from '../i18n.ts';
import { fireSight } from '../state/door-sight.ts';
import { useWatch } from '../state/hooks.ts';
import { clockText } from '../time-text.ts';

/** Fire is at the top of every page: the doors that it holds open, and how it ends. */
export function FireBanner() {
  const { t, i18n } = useTranslation();
  const { box, site, nowMs } = useWatch();
  const sight = fireSight(box.fire);
  if (!box.fire || sight === 'quiet') return null;
  const known = box.link === 'live';
  const names = (ids: readonly string[]) =>
    ids
      .map((id) => localName(site?.inputs.find((input) => input.id === id)?.name, i18n.language) || id)
      .join(t('fire.between'));
  const { active, unknown, since } = box.fire;
  return (
    <div role="alert" className={`fire ${known ? sight : 'unknown'}`} data-fire={known ? sight : 'unheard'}>
      {sight === 'unknown' || !known ? <QuestionCircleFilled /> : <FireFilled />}
      <strong>
        {sight === 'active'
          ? t('fire.active', { names: names(active) })
          : sight === 'latched'
            ? t('fire.latched')
            : t('fire.unknown', { names: names(unknown) })}
      </strong>
      {since && sight !== 'unknown' && (
        <span>{t('fire.since', { at: clockText(i18n.language, since, nowMs) })}</span>
      )}
      {known ? <span>{t(`fire.${sight}-note`)}</span> : <span>{t('fire.unheard')}</span>}
      {known && sight !== 'unknown' && <Reset fire={box.fire} names={names} />}
    </div>
  );
}

interface ResetProps {
  readonly fire: FireState;
  readonly names: (ids: readonly string[]) => string;
}

/** Only a person at the box may end it, and only when every fire input answers and none reports fire. */
function Reset({ fire, names }: ResetProps) {
  const { t } = useTranslation();
  const { login } = useWatch();
  const [asking, ask] = useState(false);
  if (!mayCall(login.role, 'resetFire'))
    return <span data-fire-reset="elsewhere">{t('fire.reset-elsewhere')}</span>;
  const why =
    fire.active.length > 0
      ? t('fire.reset-active')
      : fire.unknown.length > 0
        ? t('fire.reset-unknown', { names: names(fire.unknown) })
        : undefined;
  if (why) return <span data-fire-reset="why">{why}</span>;
  return (
    <>
      <Button size="large" onClick={() => ask(true)} data-fire-reset="button">
        {t('fire.reset')}
      </Button>
      <ResetQuestion open={asking} onClose={() => ask(false)} />
    </>
  );
}

function ResetQuestion({ open, onClose }: { readonly open: boolean; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const [there, setThere] = useState(false);
  const [sending, setSending] = useState(false);
  const close = () => {
    setThere(false);
    onClose();
  };
  const reset = () => {
    setSending(true);
    callApi('resetFire', { body: { atTheBox: true } })
      .then(
        () => message.success(t('fire.reset-done')),
        (error) => message.error(errorText(error), 10),
      )
      .finally(() => {
        setSending(false);
        close();
      });
  };
  return (
    <Modal
      open={open}
      title={t('fire.reset-title')}
      okText={t('fire.reset')}
      cancelText={t('ask.cancel')}
      okButtonProps={{ disabled: !there, danger: true, size: 'large' }}
      cancelButtonProps={{ size: 'large' }}
      confirmLoading={sending}
      onOk={reset}
      onCancel={close}
      destroyOnHidden
    >
      <p>{t('fire.reset-explain')}</p>
      <Checkbox checked={there} onChange={({ target }) => setThere(target.checked)}>
        {t('fire.reset-there')}
      </Checkbox>
    </Modal>
  );
}
