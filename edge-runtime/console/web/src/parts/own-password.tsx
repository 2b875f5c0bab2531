import { Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';

/** Who gives rights types their own password again: a page that others work with must not be enough. */
export function OwnPassword() {
  const { t } = useTranslation();
  return (
    <Form.Item
      name="confirm"
      label={t('users.own-password')}
      extra={t('users.own-password-why')}
      rules={[{ required: true, message: t('form.required') }]}
    >
      <Input.Password autoComplete="current-password" maxLength={256} />
    </Form.Item>
  );
}
