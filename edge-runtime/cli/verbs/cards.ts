import { userInfo } from 'node:os';
import { EnrolledCard } from '@gatehouse/contracts';
import { errorOf, LocalClient, nothingCalled, socketPath } from '@gatehouse/kit';
import { z } from 'zod';
import { readArgs, required, type Verb } from '../verb.ts';

/** Longer than the 30 s for which drivers wait for the card. */
const enrolTimeoutMs = 35_000;

/** Cards that open doors. Only drivers.db knows them: nothing of them goes to the runtime, a page or the platform. */
export const cards: Verb = {
  usage: 'cards list | enrol --reader ID --label TEXT | revoke --card CREDENTIAL [--json]',
  summary: 'cards that open the door of a reader; to enrol one, hold it before the reader within 30 s',
  async run(args, output) {
    const options = { reader: 'string', label: 'string', card: 'string' } as const;
    const { values, words } = readArgs('cards', args, options, 1);
    const drivers = new LocalClient('drivers', socketPath('drivers', 'cli'));
    const by = userInfo().username;
    const told = (value: unknown, text: string) => output.line(values.json ? JSON.stringify(value) : text);
    switch (words[0]) {
      case 'list': {
        for (const card of await enrolled(drivers)) told(card, cardText(card));
        return 0;
      }
      case 'enrol': {
        const reader = required(values.reader, 'cards', 'reader');
        const body = { reader, label: required(values.label, 'cards', 'label'), by };
        output.note(`hold the card before ${reader}`);
        const answer = await drivers.call('POST', '/cards/enrolments', { body, timeoutMs: enrolTimeoutMs });
        const card = EnrolledCard.parse(answer);
        told(card, cardText(card));
        return 0;
      }
      case 'revoke': {
        const credential = required(values.card, 'cards', 'card');
        const known = (await enrolled(drivers)).map((card) => card.credential);
        if (!known.includes(credential)) throw nothingCalled('CARD_UNKNOWN', credential, known);
        const body = { credential, by };
        const { ended } = z
          .object({ ended: z.int() })
          .parse(await drivers.call('POST', '/cards/revocations', { body }));
        told({ ended }, `revoked at ${ended} reader(s)`);
        return 0;
      }
      default:
        throw errorOf('USAGE/say', { verb: 'cards', words: '"cards list", "cards enrol" or "cards revoke"' });
    }
  },
};

async function enrolled(drivers: LocalClient): Promise<EnrolledCard[]> {
  return z.array(EnrolledCard).parse(await drivers.call('GET', '/cards'));
}

function cardText({ credential, reader, label, tail, enrolledAt }: EnrolledCard): string {
  return `${credential}  …${tail}  ${reader}  ${label}  ${enrolledAt}`;
}
