/** Version 6 of events.db: by what the platform tells this store's events from those of a copy, and where the numbers of an epoch begin. */
export const lineage = `
  ALTER TABLE outbox_heads ADD COLUMN digest TEXT NOT NULL DEFAULT '';       -- of the newest event; '' while none is known
  ALTER TABLE outbox_heads ADD COLUMN begins INTEGER NOT NULL DEFAULT 1;     -- first number of this epoch
  ALTER TABLE outbox_heads ADD COLUMN foreign_upto INTEGER NOT NULL DEFAULT 0; -- rows up to here were written in an earlier epoch
`;
