import { AudioMutedOutlined, SoundOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { allowSound, play, soundAllowed } from '../alarm-sound.ts';
import { sounds } from '../state/box-state.ts';
import { useWatch } from '../state/hooks.ts';

const repeatMs = 2_500;

/** Sounds urgent incidents until they are acknowledged, chimes for others, and says when it cannot sound. */
export function AlarmSpeaker({ sound }: { readonly sound: boolean }) {
  const { t } = useTranslation();
  const { box, nowMs } = useWatch();
  const [allowed, setAllowed] = useState(soundAllowed);
  const urgent = [...box.incidents.values()].some(sounds);
  const fresh = [...box.incidents.values()].filter((incident) => incident.handling.state === 'new').length;
  const heard = useRef(fresh);

  // nowMs ticks once a second; a browser may allow sound some time after a click.
  useEffect(() => {
    if (nowMs > 0) setAllowed(soundAllowed());
  }, [nowMs]);
  useEffect(() => {
    if (sound && fresh > heard.current) play('chime');
    heard.current = fresh;
  }, [sound, fresh]);
  useEffect(() => {
    if (!sound || !urgent) return;
    play('urgent');
    const timer = setInterval(() => play('urgent'), repeatMs);
    return () => clearInterval(timer);
  }, [sound, urgent]);
  useEffect(() => {
    if (sound && box.link === 'lost') play('lost');
  }, [sound, box.link]);

  if (!sound)
    return (
      <div className="sound-warning" role="status">
        <AudioMutedOutlined /> {t('link.muted')}
      </div>
    );
  if (allowed) return null;
  return (
    <Button
      block
      type="primary"
      className="sound-blocked"
      icon={<SoundOutlined />}
      onClick={() => {
        allowSound().then(
          () => setAllowed(soundAllowed()),
          (error) => console.warn('sound not allowed', error),
        );
      }}
    >
      {t('link.sound-blocked')}
    </Button>
  );
}
