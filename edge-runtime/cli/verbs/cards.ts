import { userInfo } from 'node:os';
import { driversForCli, type EnrolledCard } from '@gatehouse/contracts';
import { errorOf, nothingCalled } from '@gatehouse/kit';
import { apiClient } from '@gatehouse/local-api';
import { texts } from '../texts.ts';
import { readArgs, required, type Verb } from '../verb.ts';

/** Longer than the 30 s for which drivers wait for the card. */
const enrolTimeoutMs = 35_000;

const said = texts({
  hold: { zh: '请在读卡器 {reader} 上刷卡', en: 'hold the card before {reader}' },
  revoked: { zh: '已在 {ended} 个读卡器上注销', en: 'revoked at {ended} reader(s)' },
});

/** Cards that open doors. Only drivers.db knows them: no card goes to the runtime, a page or the platform. */
export const cards: Verb = {
  usage: 'cards list | enrol --reader ID --label TEXT | revoke --card CREDENTIAL [--json]',
  summary: {
    zh: '能开读卡器所管的门的卡；要登记一张卡，请在 30 秒内在读卡器上刷它',
    en: 'cards that open the door of a reader; to enrol one, hold it before the reader within 30 s',
  },
  async run(args, output) {
    const options = { reader: 'string', label: 'string', card: 'string' } as const;
    const { values, words } = readArgs('cards', args, options, 1);
    const drivers = apiClient(driversForCli);
    const by = userInfo().username;
    const told = (value: unknown, text: string) => output.line(values.json ? JSON.stringify(value) : text);
    switch (words[0]) {
      case 'list': {
        for (const card of await drivers.call('cards')) told(card, cardText(card));
        return 0;
      }
      case 'enrol': {
        const reader = required(values.reader, 'cards', 'reader');
        const body = { reader, label: required(values.label, 'cards', 'label'), by };
        output.note(said(output.language, 'hold', { reader }));
        const card = await drivers.call('enrolCard', { body, timeoutMs: enrolTimeoutMs });
        told(card, cardText(card));
        return 0;
      }
      case 'revoke': {
        const credential = required(values.card, 'cards', 'card');
        const known = (await drivers.call('cards')).map((card) => card.credential);
        if (!known.includes(credential)) throw nothingCalled('CARD_UNKNOWN', credential, known);
        const body = { credential, by };
        const { ended } = await drivers.call('revokeCard', { body });
        told({ ended }, said(output.language, 'revoked', { ended }));
        return 0;
      }
      default:
        throw errorOf('USAGE/say', { verb: 'cards', words: '"cards list", "cards enrol" or "cards revoke"' });
    }
  },
};

function cardText({ credential, reader, label, tail, enrolledAt }: EnrolledCard): string {
  return `${credential}  …${tail}  ${reader}  ${label}  ${enrolledAt}`;
}
