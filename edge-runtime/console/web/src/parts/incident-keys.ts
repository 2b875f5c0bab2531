import type { Incident } from '@gatehouse/contracts';
import { useEffect, useRef } from 'react';
import { digitOf } from './verdict.tsx';

interface Acts {
  readonly select: (id: string | undefined) => void;
  readonly acknowledge: (incident: Incident) => void;
  /** It was true (1), or it was not (2: asks why). */
  readonly confirm: (incident: Incident) => void;
  readonly deny: (incident: Incident) => void;
}

/** These elements keep their keys, however they got the focus. */
const own = 'input, [role=dialog], [role=menu], .ant-popover, .ant-dropdown';
/** These elements keep Enter and Space if they were reached by key. */
const reached = 'button, a';

/**
 * Arrow keys select, Enter and Space acknowledge, 1 says true and 2 false, while nothing else wants them. A
 * button that was pressed with the mouse keeps the focus, but the next key is meant for the alarm.
 */
export function useIncidentKeys(
  list: readonly Incident[],
  selectedId: string | undefined,
  { select, acknowledge, confirm, deny }: Acts,
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
      const presses = event.key === 'Enter' || event.key === ' ';
      const kept = presses && !byPointer.current ? `${own}, ${reached}` : own;
      const act = event.repeat || isWithin(event.target, kept) ? undefined : actOf(event);
      if (!act) return;
      act();
      event.preventDefault();
    };
    const at = list.findIndex((one) => one.id === selectedId);
    const selected = list[at];
    const actOf = (event: KeyboardEvent): (() => void) | undefined => {
      const { key } = event;
      if (key === 'ArrowDown') return () => select(list[Math.min(at + 1, list.length - 1)]?.id);
      if (key === 'ArrowUp') return () => select(list[Math.max(at - 1, 0)]?.id);
      if ((key === 'Enter' || key === ' ') && selected) return () => acknowledge(selected);
      if (digitOf(event) === 1 && selected) return () => confirm(selected);
      if (digitOf(event) === 2 && selected) return () => deny(selected);
      return undefined;
    };
    addEventListener('keydown', onKey);
    addEventListener('pointerdown', onPointer);
    return () => {
      removeEventListener('keydown', onKey);
      removeEventListener('pointerdown', onPointer);
    };
  }, [list, selectedId, select, acknowledge, confirm, deny, active]);
}

function isWithin(target: EventTarget | null, selector: string): boolean {
  return target instanceof Element && target.closest(selector) !== null;
}
