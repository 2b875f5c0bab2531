import { auditHeadsStep } from './audit-heads.ts';
import { lineageStep } from './lineage.ts';

/**
 * Schema of the demo receiver's database, a step a version; `PRAGMA user_version` says how many have been
 * taken.
 */
export const migrations: readonly string[] = [
  `
  -- What arrived, each event once. "deliveries" counts how often it came; only the first was applied.
  CREATE TABLE events (
    source TEXT NOT NULL,
    id TEXT NOT NULL,
    box TEXT NOT NULL,
    epoch TEXT NOT NULL,
    class TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    type TEXT NOT NULL,
    time TEXT NOT NULL,
    historical INTEGER NOT NULL,
    understanding TEXT NOT NULL,
    data TEXT NOT NULL,
    received_at TEXT NOT NULL,
    deliveries INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (source, id)
  ) STRICT;
  CREATE UNIQUE INDEX events_in_order ON events (box, epoch, class, sequence);
  CREATE INDEX events_by_arrival ON events (received_at);

  -- Up to where each stream (box, store epoch, class) is complete: the number that is acknowledged.
  CREATE TABLE streams (
    box TEXT NOT NULL,
    epoch TEXT NOT NULL,
    class TEXT NOT NULL,
    contiguous INTEGER NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (box, epoch, class)
  ) STRICT;

  -- Numbers that the box will never send again and that this database does not hold.
  CREATE TABLE gaps (
    box TEXT NOT NULL,
    epoch TEXT NOT NULL,
    class TEXT NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    found_at TEXT NOT NULL,
    PRIMARY KEY (box, epoch, class, first)
  ) STRICT;

  -- Current state of each incident; "applied" counts the changes that made it.
  CREATE TABLE incidents (
    id TEXT PRIMARY KEY,
    box TEXT NOT NULL,
    kind TEXT NOT NULL,
    phase TEXT NOT NULL,
    priority INTEGER NOT NULL,
    camera TEXT,
    zone TEXT,
    device TEXT,
    opened_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    cleared_at TEXT,
    evidence TEXT,
    epoch TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    applied INTEGER NOT NULL
  ) STRICT;

  -- Device commands that ended, and whether each device answers.
  CREATE TABLE commands (
    command_id TEXT PRIMARY KEY,
    box TEXT NOT NULL,
    device TEXT NOT NULL,
    action TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    channel TEXT NOT NULL,
    user TEXT NOT NULL,
    accepted_at TEXT NOT NULL,
    finished_at TEXT,
    took_ms REAL,
    epoch TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    applied INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE device_comms (
    box TEXT NOT NULL,
    device TEXT NOT NULL,
    comms TEXT NOT NULL,
    reason TEXT,
    at TEXT NOT NULL,
    epoch TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    applied INTEGER NOT NULL,
    PRIMARY KEY (box, device)
  ) STRICT;

  -- Messages that were no events: how many, and when last.
  CREATE TABLE refused (
    why TEXT PRIMARY KEY,
    count INTEGER NOT NULL,
    last_at TEXT NOT NULL
  ) STRICT;
  `,
  `
  -- What one box says of an incident or a command is its own: another box's row of the same id stands beside it.
  ALTER TABLE incidents RENAME TO incidents_1;
  CREATE TABLE incidents (
    box TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    phase TEXT NOT NULL,
    priority INTEGER NOT NULL,
    camera TEXT,
    zone TEXT,
    device TEXT,
    opened_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    cleared_at TEXT,
    evidence TEXT,
    epoch TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    applied INTEGER NOT NULL,
    PRIMARY KEY (box, id)
  ) STRICT;
  INSERT INTO incidents SELECT box, id, kind, phase, priority, camera, zone, device, opened_at, updated_at, cleared_at,
    evidence, epoch, sequence, applied FROM incidents_1;
  DROP TABLE incidents_1;

  ALTER TABLE commands RENAME TO commands_1;
  CREATE TABLE commands (
    box TEXT NOT NULL,
    command_id TEXT NOT NULL,
    device TEXT NOT NULL,
    action TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    channel TEXT NOT NULL,
    user TEXT NOT NULL,
    accepted_at TEXT NOT NULL,
    finished_at TEXT,
    took_ms REAL,
    epoch TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    applied INTEGER NOT NULL,
    PRIMARY KEY (box, command_id)
  ) STRICT;
  INSERT INTO commands SELECT box, command_id, device, action, state, reason, channel, user, accepted_at, finished_at,
    took_ms, epoch, sequence, applied FROM commands_1;
  DROP TABLE commands_1;
  `,
  `
  -- How far a stream has come, how old its newest event was when it came, what retention deleted; why numbers are missing.
  ALTER TABLE streams ADD COLUMN highest INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE streams ADD COLUMN lag_ms REAL NOT NULL DEFAULT 0;
  ALTER TABLE streams ADD COLUMN pruned INTEGER NOT NULL DEFAULT 0;
  UPDATE streams SET highest = coalesce((SELECT max(sequence) FROM events e
    WHERE e.box = streams.box AND e.epoch = streams.epoch AND e.class = streams.class), contiguous);
  ALTER TABLE gaps ADD COLUMN reason TEXT NOT NULL DEFAULT 'settled';
  `,
  `
  -- One key: intake holds source and id to the stream and the number, and rows come in the order of arrival anyway. Each
  -- index is pages more to write in every commit.
  ALTER TABLE events RENAME TO events_3;
  DROP INDEX events_in_order;
  DROP INDEX events_by_arrival;
  CREATE TABLE events (
    source TEXT NOT NULL,
    id TEXT NOT NULL,
    box TEXT NOT NULL,
    epoch TEXT NOT NULL,
    class TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    type TEXT NOT NULL,
    time TEXT NOT NULL,
    historical INTEGER NOT NULL,
    understanding TEXT NOT NULL,
    data TEXT NOT NULL,
    received_at TEXT NOT NULL,
    deliveries INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (box, epoch, class, sequence)
  ) STRICT;
  INSERT INTO events SELECT source, id, box, epoch, class, sequence, type, time, historical, understanding, data,
    received_at, deliveries FROM events_3 ORDER BY rowid;
  DROP TABLE events_3;
  `,
  auditHeadsStep('sqlite'),
  `
  -- The pictures that came, newest last, without a look at every event.
  CREATE INDEX events_of_media ON events (type) WHERE type = 'gatehouse.media.v1';
  `,
  lineageStep('sqlite'),
];
