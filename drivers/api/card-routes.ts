import { CardEnrolment, CardRevocation, checked } from '@gatehouse/contracts';
import type { Express } from 'express';
import type { CardAccess } from '../access/card-access.ts';
import type { Journal } from '../journal/journal.ts';

/** Enrolling, listing and revoking cards; for the command line of this box, the runtime hands none of it on. */
export function cardRoutes(app: Express, cards: CardAccess, journal: Journal): void {
  app.get('/cards', (_request, response) => void response.json(journal.cards()));
  app.post('/cards/enrolments', async (request, response) => {
    const { reader, label, by } = checked(CardEnrolment, request.body, 'ENROLMENT_INVALID');
    response.json(await cards.enrol(reader, label, by));
  });
  app.post('/cards/revocations', (request, response) => {
    const { credential, by } = checked(CardRevocation, request.body, 'REVOCATION_INVALID');
    response.json({ ended: journal.revokeCard(credential, by) });
  });
}
