import type { driversForCli } from '@gatehouse/contracts';
import type { Handlers } from '@gatehouse/local-api';
import type { CardAccess } from '../access/card-access.ts';
import type { Journal } from '../journal/journal.ts';

type CardRoutes = Pick<typeof driversForCli.routes, 'cards' | 'enrolCard' | 'revokeCard'>;

/**
 * Enrolling, listing and revoking cards. This is for the command line of this box; the runtime hands none of
 * it on.
 */
export function cardHandlers(cards: CardAccess, journal: Journal): Handlers<CardRoutes> {
  return {
    cards: () => journal.cards(),
    enrolCard: ({ body: { reader, label, by } }) => cards.enrol(reader, label, by),
    revokeCard: ({ body: { credential, by } }) => ({ ended: journal.revokeCard(credential, by) }),
  };
}
