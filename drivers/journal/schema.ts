/** Migrations of drivers.db; index n brings `user_version` from n to n + 1. Never edit one that has shipped. */
export const migrations: readonly string[] = [
  `-- The command journal. A row is there before its bus write; state 'executing' before its first byte.
   CREATE TABLE commands (
     command_id  TEXT PRIMARY KEY,
     device      TEXT NOT NULL,
     action      TEXT NOT NULL,
     state       TEXT NOT NULL,
     outcome     TEXT NOT NULL,     -- CommandOutcome, JSON
     wire        TEXT,              -- bytes out and in, JSON; for the audit
     accepted_ms INTEGER NOT NULL,  -- epoch
     expires_at  TEXT NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX commands_by_age ON commands (accepted_ms);
   CREATE INDEX commands_open ON commands (state) WHERE state IN ('accepted', 'executing');

   -- Events for the runtime. AUTOINCREMENT: a sequence is never used twice, even after the last row went.
   CREATE TABLE events (
     sequence INTEGER PRIMARY KEY AUTOINCREMENT,
     id       TEXT NOT NULL UNIQUE,
     type     TEXT NOT NULL,
     body     TEXT NOT NULL         -- DeviceEvent without its sequence, JSON
   ) STRICT;
   CREATE INDEX events_by_type ON events (type, sequence);`,
];
