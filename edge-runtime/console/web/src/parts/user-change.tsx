import type { Role } from '@gatehouse/contracts';
import { everyone, type RouteRequest } from '@gatehouse/contracts/console';
import { Alert, Form, Input, Modal, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { callApi, errorText } from '../api.ts';
import { OwnPassword } from './own-password.tsx';

/** The change of a user that an administrator is about to make. */
export interface Change {
  readonly of: 'role' | 'password';
  readonly name: string;
  readonly role: Role;
}

interface Props {
  readonly change: Change;
  readonly onDone: (change: Change) => void;
  readonly onCancel: () => void;
}

type Values = RouteRequest<'changeRole'> | RouteRequest<'resetPassword'>;

/** Asks for the new role or password, and the administrator's own password. Ends the user's logins. */
export function UserChange({ change, onDone, onCancel }: Props) {
  const { t } = useTranslation();
  const [form] = Form.useForm<Values>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const save = async (values: Values) => {
    setBusy(true);
    try {
      const id = change.name;
      if ('role' in values) await callApi('changeRole', { id, body: values });
      else await callApi('resetPassword', { id, body: values });
      onDone(change);
    } catch (caught) {
      setError(caught);
      setBusy(false);
    }
  };
  const title = change.of === 'role' ? t('users.change-role') : t('users.reset-password');
  return (
    <Modal
      open
      title={`${title} · ${change.name}`}
      okText={t('users.save')}
      cancelText={t('users.cancel')}
      okButtonProps={{ loading: busy }}
      onOk={form.submit}
      onCancel={onCancel}
    >
      <p>{t('users.ends-logins', { name: change.name })}</p>
      {error !== undefined && <Alert type="error" showIcon className="gap-below" title={errorText(error)} />}
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ role: change.role }}
        onFinish={save}
      >
        {change.of === 'role' ? (
          <Form.Item name="role" label={t('users.role')}>
            <Select options={everyone.map((role) => ({ value: role, label: t(`role.${role}`) }))} />
          </Form.Item>
        ) : (
          <Form.Item
            name="password"
            label={t('users.new-password')}
            rules={[
              { required: true, message: t('form.required') },
              { min: 8, message: t('form.too-short') },
            ]}
          >
            <Input.Password autoComplete="new-password" maxLength={256} />
          </Form.Item>
        )}
        <OwnPassword />
      </Form>
    </Modal>
  );
}
