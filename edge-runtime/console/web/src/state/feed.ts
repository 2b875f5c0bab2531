import { boxEventNames } from '@gatehouse/contracts/console';
import { urlOf } from '../urls.ts';
import type { BoxEvent } from './box-state.ts';

/** The box beats every 5 s; after two missed beats it is lost, also when the connection looks alive. */
const silenceMs = 12_000;
const retryMs = 1_000;

/**
 * Follows the box's events until stopped; says `lost` at once when it no longer hears it, and keeps trying.
 */
export function followBox(tell: (event: BoxEvent) => void, onRefused: () => void): () => void {
  let source: EventSource | undefined;
  let silence: ReturnType<typeof setTimeout> | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;

  const lose = () => {
    tell({ type: 'lost' });
    source?.close();
    clearTimeout(silence);
    clearTimeout(retry);
    retry = setTimeout(connect, retryMs);
  };
  const alive = () => {
    clearTimeout(silence);
    silence = setTimeout(lose, silenceMs);
  };
  const connect = () => {
    const opened = new EventSource(urlOf('events'));
    source = opened;
    alive();
    for (const type of boxEventNames)
      opened.addEventListener(type, (event) => {
        alive();
        tell({ type, data: JSON.parse(event.data), atMs: Date.now() });
      });
    opened.onerror = () => {
      // Connecting again by itself keeps Last-Event-ID, so nothing is missed; a refusal ends it for good.
      tell({ type: 'lost' });
      if (opened.readyState !== EventSource.CLOSED) return;
      onRefused();
      lose();
    };
  };
  connect();
  return () => {
    source?.close();
    clearTimeout(silence);
    clearTimeout(retry);
  };
}
