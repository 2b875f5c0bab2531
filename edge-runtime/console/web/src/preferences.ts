import { useCallback, useEffect, useState } from 'react';
import type { Language } from './i18n.ts';

export interface Preferences {
  readonly language: Language;
  /** `auto` is dark from 18:00 to 07:00. */
  readonly theme: 'auto' | 'dark' | 'light';
  readonly sound: boolean;
  readonly largeText: boolean;
}

const key = 'gatehouse-preferences';
const defaults: Preferences = { language: 'zh-CN', theme: 'auto', sound: true, largeText: false };

export function loadPreferences(): Preferences {
  try {
    return { ...defaults, ...JSON.parse(localStorage.getItem(key) ?? '{}') };
  } catch (error) {
    if (error instanceof SyntaxError) return defaults;
    throw error;
  }
}

/** The preferences of this browser's user; kept in the browser. */
export function usePreferences(): readonly [Preferences, (change: Partial<Preferences>) => void] {
  const [preferences, set] = useState(loadPreferences);
  const change = useCallback((part: Partial<Preferences>) => set((before) => ({ ...before, ...part })), []);
  useEffect(() => localStorage.setItem(key, JSON.stringify(preferences)), [preferences]);
  return [preferences, change];
}

/** The night hours at the gatehouse, when a white screen blinds. */
export function isNight(date: Date): boolean {
  return date.getHours() >= 18 || date.getHours() < 7;
}
