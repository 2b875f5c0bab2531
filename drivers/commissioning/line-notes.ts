import { type LineHabits, noiseRemedy } from '../bus/link.ts';

/**
 * Notes for the installer about a line that was just used by hand, a sentence each; nothing of an ordinary
 * one.
 */
export function lineNotes({ localEcho, replies, noisyReplies }: LineHabits): string[] {
  return [
    ...(localEcho === 'heard'
      ? [
          'The adapter gives back what is sent (local echo). The box finds that by itself: nothing has to be set.',
        ]
      : []),
    ...(noisyReplies > 0
      ? [
          `${noisyReplies} of ${replies} answers had 00 or FF around them that no board sent: the line has no bias. ${noiseRemedy}`,
        ]
      : []),
  ];
}
