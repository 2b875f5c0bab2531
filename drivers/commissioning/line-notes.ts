import type { Language } from '@gatehouse/contracts';
import { lineInWords } from '@gatehouse/kit';
import { type LineHabits, noiseRemedy } from '../bus/link.ts';
import { text } from './acceptance/texts.ts';

/**
 * Notes for the installer about a line that was just used by hand, a sentence each; nothing of an ordinary
 * one.
 */
export function lineNotes({ localEcho, replies, noisyReplies }: LineHabits, language: Language): string[] {
  const remedy = lineInWords(noiseRemedy, language);
  return [
    ...(localEcho === 'heard' ? [text(language, 'line.echo')] : []),
    ...(noisyReplies > 0 ? [text(language, 'line.noise', { noisy: noisyReplies, replies, remedy })] : []),
  ];
}
