import type { EditorTicket } from '@gatehouse/contracts/console';
import { Alert, Button, Card, Spin } from 'antd';
import { useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { callApi, errorInAddress, errorText } from '../api.ts';
import type { PageProps } from './page-props.ts';

/**
 * The way into the flow editor, which has an origin of its own. A form takes a ticket there, which is valid
 * once. The editor sends its errors back here, where they are shown in the user's language; the next try is
 * up to the user.
 */
export function FlowsPage({ query }: PageProps) {
  const { t } = useTranslation();
  const [error, setError] = useState<unknown>(() => errorInAddress(query));
  const open = useCallback(() => {
    setError(undefined);
    callApi('editorTicket').then(handOver, setError);
  }, []);
  useEffect(() => {
    if (!errorInAddress(query)) open();
  }, [open, query]);
  return (
    <main className="users">
      <Card title={t('flows.title')}>
        {error === undefined ? (
          <Spin description={t('flows.opening')}>
            <div className="spin-room" />
          </Spin>
        ) : (
          <Alert
            type="error"
            showIcon
            title={errorText(error)}
            action={<Button onClick={open}>{t('app.retry')}</Button>}
          />
        )}
      </Card>
    </main>
  );
}

function handOver({ ticket, enter }: EditorTicket): void {
  const form = document.createElement('form');
  form.method = 'POST';
  form.action = enter;
  const field = document.createElement('input');
  field.type = 'hidden';
  field.name = 'ticket';
  field.value = ticket;
  form.append(field);
  document.body.append(form);
  form.submit();
}
