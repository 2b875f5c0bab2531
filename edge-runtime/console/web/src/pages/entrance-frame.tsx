import { Button, Card, Flex, Typography } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Preferences } from '../preferences.ts';

export interface EntranceFrameProps {
  readonly preferences: Preferences;
  readonly change: (part: Partial<Preferences>) => void;
}

/** The card in the middle of the screen that login and set-up share. */
export function EntranceFrame(
  props: EntranceFrameProps & { readonly title: string; readonly children: ReactNode },
) {
  const { t } = useTranslation();
  const other = props.preferences.language === 'en' ? 'zh-CN' : 'en';
  return (
    <main className="entrance">
      <Card className="entrance-card">
        <Flex justify="space-between" align="center">
          <Flex align="center" gap={12}>
            <img src="/icon.svg" alt="" width={40} height={40} />
            <Typography.Title level={3} className="flush">
              {t('app.title')}
            </Typography.Title>
          </Flex>
          <Button onClick={() => props.change({ language: other })}>{t('app.language')}</Button>
        </Flex>
        <Typography.Title level={4}>{props.title}</Typography.Title>
        {props.children}
      </Card>
    </main>
  );
}
