import type { RouteRequest, SessionAnswer } from '@gatehouse/contracts/console';
import { Alert, Button, Form, Input, Typography } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { errorText, setUp } from '../api.ts';
import { EntranceFrame, type EntranceFrameProps } from './entrance-frame.tsx';

export function SetupPage({
  onDone,
  ...frame
}: EntranceFrameProps & { readonly onDone: (done: SessionAnswer) => void }) {
  const { t } = useTranslation();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const submit = async (values: RouteRequest<'setUp'>) => {
    setBusy(true);
    try {
      onDone(await setUp(values));
    } catch (caught) {
      setError(caught);
    } finally {
      setBusy(false);
    }
  };
  const required = { required: true, message: t('form.required') };
  return (
    <EntranceFrame {...frame} title={t('setup.title')}>
      <Typography.Paragraph>{t('setup.intro')}</Typography.Paragraph>
      {error !== undefined && <Alert type="error" showIcon title={errorText(error)} className="gap-below" />}
      <Form layout="vertical" requiredMark={false} onFinish={submit}>
        <Form.Item name="code" label={t('setup.code')} rules={[required]}>
          <Input autoFocus autoComplete="off" maxLength={40} placeholder="XXXX-XXXX-XXXX" />
        </Form.Item>
        <Form.Item name="user" label={t('login.user')} rules={[required]}>
          <Input autoComplete="username" maxLength={60} />
        </Form.Item>
        <Form.Item
          name="password"
          label={t('login.password')}
          extra={t('setup.password-hint')}
          rules={[required, { min: 8, message: t('form.too-short') }]}
        >
          <Input.Password autoComplete="new-password" maxLength={256} />
        </Form.Item>
        <Button type="primary" htmlType="submit" block size="large" loading={busy}>
          {t('setup.submit')}
        </Button>
      </Form>
    </EntranceFrame>
  );
}
