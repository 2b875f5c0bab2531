import { CheckOutlined, DownOutlined, ThunderboltFilled, UpOutlined } from '@ant-design/icons';
import type { Incident } from '@gatehouse/contracts';
import { Button } from 'antd';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useWatch } from '../state/hooks.ts';
import { clockText } from '../time-text.ts';
import { PriorityMark } from './incident-tags.tsx';
import { placeOf } from './places.ts';

interface Props {
  readonly first: Incident;
  readonly members: readonly Incident[];
  readonly selected: boolean;
  readonly mayAcknowledge: boolean;
  readonly onSelect: () => void;
  readonly onAcknowledge: () => void;
  /** The rows of the members, shown when it is opened. */
  readonly children: ReactNode;
}

const namedPlaces = 3;

/** Many incidents of one cause as one row with a count; one press acknowledges all of them. */
export function StormRow({
  first,
  members,
  selected,
  mayAcknowledge,
  onSelect,
  onAcknowledge,
  children,
}: Props) {
  const { t, i18n } = useTranslation();
  const { site, nowMs } = useWatch();
  const [open, setOpen] = useState(false);
  const places = [...new Set(members.map((one) => placeOf(one, site, i18n.language)))];
  const named = places.slice(0, namedPlaces).join('、');
  const times = members.map(({ openedAt }) => Date.parse(openedAt));
  return (
    <>
      <li
        className={`incident storm alarming-${first.priority}${selected ? ' selected' : ''}`}
        aria-current={selected}
        data-storm={members.length}
      >
        <button
          type="button"
          className="incident-body"
          aria-expanded={open}
          onFocus={onSelect}
          onClick={() => setOpen(!open)}
        >
          <span className="thumb none storm-count">
            <ThunderboltFilled /> {members.length}
          </span>
          <span className="facts">
            <span className="line">
              <PriorityMark incident={first} />
              <strong className="kind">
                {t('storm.title', { n: members.length, kind: t(`kind.${first.kind}`) })}
              </strong>
            </span>
            <span>
              {places.length > namedPlaces ? t('storm.places', { named, n: places.length }) : named}
            </span>
            <span className="line quiet">
              {t('storm.since', { time: clockText(i18n.language, Math.min(...times), nowMs) })}
              {open ? <UpOutlined /> : <DownOutlined />}
            </span>
          </span>
        </button>
        {mayAcknowledge && (
          <Button type="primary" size="large" icon={<CheckOutlined />} onClick={onAcknowledge}>
            {t('storm.acknowledge', { n: members.length })}
          </Button>
        )}
      </li>
      {open && children}
    </>
  );
}
