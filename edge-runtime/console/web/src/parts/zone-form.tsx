import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import type { Zone, ZoneRule } from '@gatehouse/contracts';
import { Button, Dropdown, Input, InputNumber } from 'antd';
import { useTranslation } from 'react-i18next';
import { numbersOf, withSetting } from '../state/zone-draft.ts';

interface Props {
  readonly zone: Zone;
  /** Every kind of rule with its defaults. */
  readonly kinds: readonly ZoneRule[];
  readonly onChange: (zone: Zone) => void;
  readonly onRemove: () => void;
}

/**
 * Names and thresholds of one zone. Settings that are no numbers (classes, schedules) stay as the site file
 * has them.
 */
export function ZoneForm({ zone, kinds, onChange, onRemove }: Props) {
  const { t } = useTranslation();
  return (
    <div className="zone-form">
      <div className="line">
        {(['zh-CN', 'en'] as const).map((language) => (
          <Input
            key={language}
            value={zone.name[language]}
            maxLength={60}
            aria-label={t(`zones.name-${language}`)}
            onChange={(event) =>
              onChange({ ...zone, name: { ...zone.name, [language]: event.target.value } })
            }
          />
        ))}
        <Button icon={<DeleteOutlined />} danger aria-label={t('zones.remove')} onClick={onRemove} />
      </div>
      {zone.rules.map((rule, i) => (
        <fieldset key={`${rule.kind}-${String(i)}`}>
          <legend>
            {t(`kind.${rule.kind}`)}{' '}
            <Button
              size="small"
              icon={<DeleteOutlined />}
              aria-label={t('zones.remove-rule')}
              onClick={() => onChange({ ...zone, rules: zone.rules.filter((_, other) => other !== i) })}
            />
          </legend>
          {numbersOf(rule).map(([key, value]) => (
            <label key={key} htmlFor={`${zone.id}-${i}-${key}`}>
              <span>{t(`param.${key}`, { defaultValue: key })}</span>
              <InputNumber
                id={`${zone.id}-${i}-${key}`}
                value={value}
                data-param={key}
                onChange={(next) => typeof next === 'number' && onChange(withSetting(zone, i, key, next))}
              />
            </label>
          ))}
        </fieldset>
      ))}
      <Dropdown
        trigger={['click']}
        menu={{
          items: kinds.map(({ kind }) => ({ key: kind, label: t(`kind.${kind}`) })),
          onClick: ({ key }) => {
            const rule = kinds.find(({ kind }) => kind === key);
            if (rule) onChange({ ...zone, rules: [...zone.rules, rule] });
          },
        }}
      >
        <Button icon={<PlusOutlined />}>{t('zones.add-rule')}</Button>
      </Dropdown>
    </div>
  );
}
