import { Alert, Button, Card, Form, Input, Select, Table } from 'antd';
import { useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { callApi, errorText } from '../api.ts';
import type { Login } from '../state/hooks.ts';
import { clockText } from '../time-text.ts';

interface User {
  readonly name: string;
  readonly role: Login['role'];
  readonly createdAt: string;
}

const roles: readonly Login['role'][] = ['guard', 'supervisor', 'installer', 'administrator'];

/** Administrators see the users and add new ones. */
export function UsersPage() {
  const { t, i18n } = useTranslation();
  const [users, setUsers] = useState<readonly User[]>([]);
  const [result, setResult] = useState<{ added?: string; error?: unknown }>({});
  const [form] = Form.useForm<{ user: string; password: string; role: Login['role'] }>();
  const read = useCallback(() => {
    callApi<{ users: User[] }>('GET', '/api/users').then(
      (answer) => setUsers(answer.users),
      (error) => setResult({ error }),
    );
  }, []);
  useEffect(read, [read]);
  const add = async (values: { user: string; password: string; role: Login['role'] }) => {
    try {
      await callApi('POST', '/api/users', values);
      setResult({ added: values.user });
      form.resetFields();
      read();
    } catch (error) {
      setResult({ error });
    }
  };
  const required = { required: true, message: t('form.required') };
  return (
    <main className="users">
      <Card title={t('users.title')}>
        <Table<User>
          rowKey="name"
          pagination={false}
          dataSource={[...users]}
          columns={[
            { title: t('login.user'), dataIndex: 'name' },
            { title: t('users.role'), dataIndex: 'role', render: (role) => t(`role.${role}`) },
            {
              title: t('users.created'),
              dataIndex: 'createdAt',
              render: (at: string) => clockText(i18n.language, at, Date.now()),
            },
          ]}
        />
      </Card>
      <Card title={t('users.add')}>
        {result.added && (
          <Alert
            type="success"
            showIcon
            className="gap-below"
            title={t('users.added', { name: result.added })}
          />
        )}
        {result.error !== undefined && (
          <Alert type="error" showIcon className="gap-below" title={errorText(result.error)} />
        )}
        <Form
          form={form}
          layout="vertical"
          requiredMark={false}
          onFinish={add}
          initialValues={{ role: 'guard' }}
        >
          <Form.Item name="user" label={t('login.user')} rules={[required]}>
            <Input autoComplete="off" maxLength={60} />
          </Form.Item>
          <Form.Item
            name="password"
            label={t('login.password')}
            rules={[required, { min: 8, message: t('form.too-short') }]}
          >
            <Input.Password autoComplete="new-password" maxLength={256} />
          </Form.Item>
          <Form.Item name="role" label={t('users.role')}>
            <Select options={roles.map((role) => ({ value: role, label: t(`role.${role}`) }))} />
          </Form.Item>
          <Button type="primary" htmlType="submit">
            {t('users.add')}
          </Button>
        </Form>
      </Card>
    </main>
  );
}
