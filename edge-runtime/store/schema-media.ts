/**
 * Version 5 of events.db: the pictures of incidents on their way to the platform, and the outcome of each.
 */
export const media = `
  CREATE TABLE media (
    id TEXT PRIMARY KEY,
    incident TEXT NOT NULL UNIQUE,            -- one picture an incident; the row goes with the incident
    state TEXT NOT NULL CHECK (state IN ('waiting', 'ready', 'stored', 'withheld')),
    queued_ms INTEGER NOT NULL,
    handed INTEGER NOT NULL DEFAULT 0,        -- 1 once the record of its transfer is written
    body TEXT NOT NULL                        -- MediaFacts, JSON, once it is redacted; {} before
  ) STRICT;
  CREATE INDEX media_pending ON media (queued_ms) WHERE state IN ('waiting', 'ready');
`;
