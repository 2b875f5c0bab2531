/**
 * Migrations of drivers.db; index n brings `user_version` from n to n + 1. Never edit one that has shipped.
 */
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
  `-- What stands over a restart: open alarms, leases, the fire latch.
   CREATE TABLE alarms (
     device TEXT NOT NULL,
     kind   TEXT NOT NULL,
     body   TEXT NOT NULL,          -- StandingAlarm, JSON
     PRIMARY KEY (device, kind)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE leases (
     device   TEXT PRIMARY KEY,
     until_ms INTEGER NOT NULL      -- epoch
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE fire (
     one    INTEGER PRIMARY KEY CHECK (one = 1),
     since  TEXT NOT NULL,
     set_by TEXT NOT NULL           -- ids of inputs, JSON
   ) STRICT;

   -- The audit: each hash is over the hash before and this row's text.
   CREATE TABLE audit (
     sequence INTEGER PRIMARY KEY,
     body     TEXT NOT NULL,        -- AuditEntry without sequence and hash, JSON
     hash     TEXT NOT NULL
   ) STRICT;
   CREATE TABLE audit_ends (
     which    TEXT PRIMARY KEY,     -- 'head' is the newest entry, 'anchor' the one before the oldest that is kept
     sequence INTEGER NOT NULL,
     hash     TEXT NOT NULL
   ) STRICT, WITHOUT ROWID;`,
  `-- Cards that open a reader's door, by keyed hash: personal data, which never leaves this file.
   CREATE TABLE cards (
     credential TEXT NOT NULL,
     reader     TEXT NOT NULL,
     body       TEXT NOT NULL,      -- EnrolledCard, JSON
     PRIMARY KEY (credential, reader)
   ) STRICT;`,
  `-- How far the overflow log has been taken over; a fact of it is applied once, also over a crash.
   CREATE TABLE overflow (
     one        INTEGER PRIMARY KEY CHECK (one = 1),
     generation INTEGER NOT NULL,
     records    INTEGER NOT NULL    -- of that generation, from its first on
   ) STRICT;
   -- What was lost with a damaged file.
   CREATE TABLE recovery (
     one              INTEGER PRIMARY KEY CHECK (one = 1),
     aside            TEXT,             -- name of the damaged file, beside this one; NULL: there was none any more
     missing          TEXT NOT NULL,    -- for people
     unknown_until_ms INTEGER NOT NULL  -- epoch; commands that expire by then may have been known to the old file
   ) STRICT;`,
];
