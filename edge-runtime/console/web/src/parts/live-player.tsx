import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { LiveStream } from '../live-stream.ts';
import { StillPicture } from './still-picture.tsx';

/** After this long without a new picture the view says so. */
const frozenMs = 4_000;

/**
 * Live MPEG-1 on a canvas; until its first picture comes (ffmpeg probes for some seconds) it shows the newest
 * still.
 */
export function LivePlayer({ cameraId, still }: { readonly cameraId: string; readonly still: string }) {
  const { t } = useTranslation();
  const stage = useRef<HTMLDivElement>(null);
  const [shown, setShown] = useState<'waiting' | 'playing' | 'reconnecting'>('waiting');
  useEffect(() => {
    if (!stage.current) return;
    let lastPictureMs = Date.now();
    const stream = new LiveStream(stage.current, cameraId, {
      picture() {
        lastPictureMs = Date.now();
        setShown('playing');
      },
      broken: () => setShown('reconnecting'),
    });
    const watchdog = setInterval(() => {
      if (Date.now() - lastPictureMs > frozenMs)
        setShown((before) => (before === 'playing' ? 'reconnecting' : before));
    }, 1_000);
    return () => {
      clearInterval(watchdog);
      stream.stop();
    };
  }, [cameraId]);
  return (
    <div className={`screen${shown === 'playing' ? '' : ' grey'}`} data-player={shown}>
      {shown !== 'playing' && <StillPicture alt="" src={still} />}
      <div ref={stage} className={shown === 'playing' ? 'stage' : 'stage hidden'} />
      {shown !== 'playing' && <span className="notice">{t(`camera.${shown}`)}</span>}
    </div>
  );
}
