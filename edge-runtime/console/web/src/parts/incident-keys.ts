import type { Incident } from '@gatehouse/contracts';
import { useEffect, useRef } from 'react';

interface Acts {
  readonly select: (id: string | undefined) => void;
  readonly acknowledge: (incident: Incident) => void;
}

/** These keep their keys, however they got the focus. */
const own = 'input, [role=dialog], [role=menu], .ant-popover, .ant-dropdown';
/** These only if they were reached by key. */
const reached = 'button, a';

/**
 * Arrow keys select, Enter and Space acknowledge, while nothing else wants them. A button that was pressed with the
 * mouse keeps the focus, but the next key is meant for the alarm.
 */
export function useIncidentKeys(
  list: readonly Incident[],
  selectedId: string | undefined,
  { select, acknowledge }: Acts,
  active: boolean,
): void {
  const byPointer = useRef(false);
  useEffect(() => {
    if (!active) return;
    const onPointer = () => {
      byPointer.current = true;
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Tab') byPointer.current = false;
      const kept = byPointer.current ? own : `${own}, ${reached}`;
      const act = event.repeat || isWithin(event.target, kept) ? undefined : actOf(event.key);
      if (!act) return;
      act();
      event.preventDefault();
    };
    const at = list.findIndex((one) => one.id === selectedId);
    const selected = list[at];
    const actOf = (key: string): (() => void) | undefined => {
      if (key === 'ArrowDown') return () => select(list[Math.min(at + 1, list.length - 1)]?.id);
      if (key === 'ArrowUp') return () => select(list[Math.max(at - 1, 0)]?.id);
      if ((key === 'Enter' || key === ' ') && selected) return () => acknowledge(selected);
      return undefined;
    };
    addEventListener('keydown', onKey);
    addEventListener('pointerdown', onPointer);
    return () => {
      removeEventListener('keydown', onKey);
      removeEventListener('pointerdown', onPointer);
    };
  }, [list, selectedId, select, acknowledge, active]);
}

function isWithin(target: EventTarget | null, selector: string): boolean {
  return target instanceof Element && target.closest(selector) !== null;
}
