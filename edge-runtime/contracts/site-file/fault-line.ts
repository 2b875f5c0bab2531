import type { Phrases } from '@gatehouse/kit';
import { dotted } from '../text-lines.ts';
import type { SiteFault } from './fault.ts';
import en from './locales/en.json' with { type: 'json' };
import zhCN from './locales/zh-CN.json' with { type: 'json' };
import { parserPhrases } from './parser-words.ts';
import { said } from './said.ts';

/** A mistake of the site file as one line of English, as a service reports and logs it. */
export function faultLine(fault: SiteFault): string {
  const { message, remedy } = said(fault, 'en');
  return `${dotted(fault.path)}: ${joined(message, remedy)}`;
}

function joined(message: string, remedy: string): string {
  return `${message}; ${remedy}${remedy.endsWith('?') ? '' : '.'}`;
}

const texts = Object.keys(en.faults).map((code) => {
  const key = code as keyof typeof en.faults;
  return [zhCN.faults[key], en.faults[key]] as const;
});

/** Phrases by which `lineInWords` tells a line of `faultLine` in Chinese. */
export const siteFaultPhrases: Phrases = [
  ...parserPhrases,
  ...texts.flatMap(([[zh = '', todo = ''], [message = '', remedy = '']]): Phrases => {
    const end = todo.endsWith('？') ? '' : '。';
    return [
      [slots(`{{field}}：${zh}；${todo}${end}`), slots(`{{field}}: ${joined(message, remedy)}`)],
      // One of a profile is the reason of another of the site file.
      [slots(zh), slots(message)],
    ];
  }),
];

function slots(text: string): string {
  return text.replaceAll(/\{\{(\w+)\}\}/g, '{$1}');
}
