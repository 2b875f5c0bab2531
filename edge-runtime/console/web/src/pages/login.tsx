import type { RouteRequest, SessionAnswer } from '@gatehouse/contracts/console';
import { Alert, Button, Form, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { errorText, logIn } from '../api.ts';
import { EntranceFrame, type EntranceFrameProps } from './entrance-frame.tsx';

export function LoginPage({
  onDone,
  ...frame
}: EntranceFrameProps & { readonly onDone: (done: SessionAnswer) => void }) {
  const { t } = useTranslation();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const submit = async (values: RouteRequest<'logIn'>) => {
    setBusy(true);
    try {
      onDone(await logIn(values));
    } catch (caught) {
      setError(caught);
    } finally {
      setBusy(false);
    }
  };
  const required = [{ required: true, message: t('form.required') }];
  return (
    <EntranceFrame {...frame} title={t('login.title')}>
      {error !== undefined && <Alert type="error" showIcon title={errorText(error)} className="gap-below" />}
      <Form layout="vertical" requiredMark={false} onFinish={submit}>
        <Form.Item name="user" label={t('login.user')} rules={required}>
          <Input autoFocus autoComplete="username" maxLength={60} />
        </Form.Item>
        <Form.Item name="password" label={t('login.password')} rules={required}>
          <Input.Password autoComplete="current-password" maxLength={256} />
        </Form.Item>
        <Button type="primary" htmlType="submit" block size="large" loading={busy}>
          {t('login.submit')}
        </Button>
      </Form>
    </EntranceFrame>
  );
}
