import { Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';

/**
 * Asks administrators for their own password before they give rights: an open page alone must not be enough.
 */
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
