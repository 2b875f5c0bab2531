import { keeping } from './schema-keeping.ts';
import { lineage } from './schema-lineage.ts';
import { media } from './schema-media.ts';

/** Schema of events.db, version by version. */
export const migrations: readonly string[] = [
  `
      CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

      CREATE TABLE incidents (
        id TEXT PRIMARY KEY,
        occupancy TEXT NOT NULL UNIQUE,         -- what a repeat finding is recognised by
        open INTEGER NOT NULL,                  -- 1 until cleared
        opened_at TEXT NOT NULL,
        opened_order INTEGER NOT NULL,          -- change sequence of its opening: newest first without trusting clocks
        body TEXT NOT NULL                      -- Incident, JSON
      ) STRICT;
      CREATE INDEX incidents_by_order ON incidents (opened_order);
      CREATE INDEX incidents_open ON incidents (open) WHERE open = 1;

      CREATE TABLE incident_changes (           -- the log behind event streams; resumed by sequence
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        incident TEXT NOT NULL REFERENCES incidents (id),
        at TEXT NOT NULL,
        body TEXT NOT NULL                      -- IncidentChange, JSON
      ) STRICT;

      CREATE TABLE outbox (
        class TEXT NOT NULL,
        sequence INTEGER NOT NULL,
        created_ms INTEGER NOT NULL,            -- wall clock, for "oldest unsent"
        body TEXT NOT NULL,                     -- WireEvent, JSON, as it will be sent
        PRIMARY KEY (class, sequence)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE outbox_heads (class TEXT PRIMARY KEY, last INTEGER NOT NULL, acked INTEGER NOT NULL) STRICT;

      CREATE TABLE outbox_refusals (
        epoch TEXT NOT NULL, class TEXT NOT NULL, sequence INTEGER NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL,
        PRIMARY KEY (epoch, class, sequence)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE engine_state (camera TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
      CREATE TABLE device_events (id TEXT PRIMARY KEY, sequence INTEGER NOT NULL, at TEXT NOT NULL, body TEXT NOT NULL) STRICT;

      CREATE TABLE users (
        name TEXT PRIMARY KEY COLLATE NOCASE, role TEXT NOT NULL, password_hash TEXT NOT NULL, created_at TEXT NOT NULL
      ) STRICT;
      CREATE TABLE sessions (
        token_hash TEXT PRIMARY KEY, user TEXT NOT NULL COLLATE NOCASE REFERENCES users (name) ON DELETE CASCADE,
        created_ms INTEGER NOT NULL, seen_ms INTEGER NOT NULL
      ) STRICT;
      CREATE TABLE login_failures (key TEXT PRIMARY KEY, count INTEGER NOT NULL, last_ms INTEGER NOT NULL) STRICT;

      CREATE TABLE audit (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL, body TEXT NOT NULL
      ) STRICT;

      -- A new store is a new epoch: sequences start again, and the platform must not take them for repeats.
      INSERT INTO meta VALUES ('epoch', lower(hex(randomblob(16))));
      INSERT INTO outbox_heads VALUES ('alarm', 0, 0), ('door', 0, 0), ('health', 0, 0);
  `,
  `
      CREATE TABLE incident_labels (            -- what guards found; rows are only ever added, the newest counts
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        request TEXT NOT NULL UNIQUE,           -- what a repeated request is recognised by
        incident TEXT NOT NULL REFERENCES incidents (id),
        body TEXT NOT NULL                      -- Verdict, JSON
      ) STRICT;
      CREATE INDEX incident_labels_by_incident ON incident_labels (incident);
      CREATE TRIGGER incident_labels_stay BEFORE UPDATE ON incident_labels
        BEGIN SELECT RAISE(ABORT, 'labels are only ever added'); END;
      CREATE TRIGGER incident_labels_remain BEFORE DELETE ON incident_labels
        BEGIN SELECT RAISE(ABORT, 'labels are only ever added'); END;
  `,
  `
      INSERT INTO outbox_heads VALUES ('telemetry', 0, 0);
  `,
  keeping,
  media,
  lineage,
];
