import { everyone, type RouteRequest, type UserLine } from '@gatehouse/contracts/console';
import { Alert, Button, Card, Flex, Form, Input, Select, Table } from 'antd';
import { useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { callApi, errorText } from '../api.ts';
import { OwnPassword } from '../parts/own-password.tsx';
import { type Change, UserChange } from '../parts/user-change.tsx';
import { useWatch } from '../state/hooks.ts';
import { clockText } from '../time-text.ts';

type NewUser = RouteRequest<'addUser'>;

/** Administrators see the users, add new ones, change roles and reset passwords. */
export function UsersPage() {
  const { t, i18n } = useTranslation();
  const { nowMs } = useWatch();
  const [users, setUsers] = useState<readonly UserLine[]>([]);
  const [result, setResult] = useState<{ done?: string; error?: unknown }>({});
  const [change, setChange] = useState<Change>();
  const [form] = Form.useForm<NewUser>();
  const read = useCallback(() => {
    callApi('listUsers').then(
      (answer) => setUsers(answer.users),
      (error) => setResult({ error }),
    );
  }, []);
  useEffect(read, [read]);
  const add = async (values: NewUser) => {
    try {
      await callApi('addUser', { body: values });
      setResult({ done: t('users.added', { name: values.user }) });
      form.resetFields();
      read();
    } catch (error) {
      setResult({ error });
    }
  };
  const begin = (next: Change) => {
    setResult({});
    setChange(next);
  };
  const changed = ({ of, name }: Change) => {
    setChange(undefined);
    setResult({ done: t(of === 'role' ? 'users.role-changed' : 'users.password-changed', { name }) });
    read();
  };
  const required = { required: true, message: t('form.required') };
  return (
    <main className="users">
      {result.done && <Alert className="notice" type="success" showIcon title={result.done} />}
      {result.error !== undefined && (
        <Alert className="notice" type="error" showIcon title={errorText(result.error)} />
      )}
      {change && <UserChange change={change} onDone={changed} onCancel={() => setChange(undefined)} />}
      <Card title={t('users.title')}>
        <Table<UserLine>
          rowKey="name"
          pagination={false}
          scroll={{ x: 'max-content' }}
          dataSource={[...users]}
          columns={[
            { title: t('login.user'), dataIndex: 'name' },
            { title: t('users.role'), dataIndex: 'role', render: (role) => t(`role.${role}`) },
            {
              title: t('users.created'),
              dataIndex: 'createdAt',
              responsive: ['md'],
              render: (at: string) => clockText(i18n.language, at, nowMs),
            },
            {
              key: 'changes',
              render: (_, { name, role }) => (
                <Flex gap={8} wrap>
                  <Button onClick={() => begin({ of: 'role', name, role })}>{t('users.change-role')}</Button>
                  <Button onClick={() => begin({ of: 'password', name, role })}>
                    {t('users.reset-password')}
                  </Button>
                </Flex>
              ),
            },
          ]}
        />
      </Card>
      <Card title={t('users.add')}>
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
            <Select options={everyone.map((role) => ({ value: role, label: t(`role.${role}`) }))} />
          </Form.Item>
          <OwnPassword />
          <Button type="primary" htmlType="submit">
            {t('users.add')}
          </Button>
        </Form>
      </Card>
    </main>
  );
}
