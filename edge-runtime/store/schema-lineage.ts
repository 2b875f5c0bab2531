/**
 * Version 6 of events.db: the digests that distinguish this store's events from those of a copy, and the
 * first number of an epoch.
 */
export const lineage = `
  ALTER TABLE outbox_heads ADD COLUMN digest TEXT NOT NULL DEFAULT '';       -- of the newest event; '' while none is known
  ALTER TABLE outbox_heads ADD COLUMN begins INTEGER NOT NULL DEFAULT 1;     -- first number of this epoch
  ALTER TABLE outbox_heads ADD COLUMN foreign_upto INTEGER NOT NULL DEFAULT 0; -- rows up to here were written in an earlier epoch
`;
