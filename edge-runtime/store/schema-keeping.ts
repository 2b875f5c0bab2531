/**
 * Version 4 of events.db, for keeping: counts instead of scans, terms of retention, unsent rows of earlier
 * epochs.
 */
export const keeping = `
  ALTER TABLE outbox_heads ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;      -- of the bodies in the table
  ALTER TABLE outbox_heads ADD COLUMN gap_first INTEGER NOT NULL DEFAULT 0;  -- numbers dropped: from here ...
  ALTER TABLE outbox_heads ADD COLUMN gap_last INTEGER NOT NULL DEFAULT 0;   -- ... to here, where the gap event stands
  ALTER TABLE outbox_heads ADD COLUMN inherited INTEGER NOT NULL DEFAULT 0;  -- rows of earlier epochs that wait
  UPDATE outbox_heads SET bytes =
    (SELECT COALESCE(SUM(octet_length(body)), 0) FROM outbox WHERE outbox.class = outbox_heads.class);

  CREATE TABLE outbox_epochs (generation INTEGER PRIMARY KEY, epoch TEXT NOT NULL UNIQUE) STRICT; -- that this store once was
  CREATE TABLE outbox_inherited (           -- unsent rows of those epochs: they go out first, under their own ids
    class TEXT NOT NULL, generation INTEGER NOT NULL REFERENCES outbox_epochs (generation), sequence INTEGER NOT NULL,
    created_ms INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (class, generation, sequence)
  ) STRICT, WITHOUT ROWID;
  ALTER TABLE outbox_refusals ADD COLUMN at_ms INTEGER NOT NULL DEFAULT 0;
  UPDATE outbox_refusals SET at_ms = unixepoch() * 1000;

  -- Ages are wall-clock milliseconds of the writing. A row whose time cannot be read counts as written now.
  ALTER TABLE incidents ADD COLUMN last_ms INTEGER NOT NULL DEFAULT 0;       -- of its last change
  ALTER TABLE incidents ADD COLUMN outbox_sequence INTEGER NOT NULL DEFAULT 0; -- of the last event that tells of it
  UPDATE incidents SET
    last_ms = COALESCE(
      (SELECT MAX(CAST(unixepoch(at, 'subsec') * 1000 AS INTEGER)) FROM incident_changes WHERE incident = incidents.id),
      unixepoch() * 1000),
    outbox_sequence = (SELECT last FROM outbox_heads WHERE class = 'alarm');
  CREATE INDEX incidents_by_age ON incidents (last_ms) WHERE open = 0;
  CREATE INDEX incident_changes_by_incident ON incident_changes (incident);
  ALTER TABLE device_events ADD COLUMN at_ms INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE device_events ADD COLUMN outbox_sequence INTEGER NOT NULL DEFAULT 0;
  UPDATE device_events SET at_ms = COALESCE(CAST(unixepoch(at, 'subsec') * 1000 AS INTEGER), unixepoch() * 1000),
    outbox_sequence = (SELECT last FROM outbox_heads WHERE class = 'door');
  CREATE INDEX device_events_by_age ON device_events (at_ms);
  ALTER TABLE audit ADD COLUMN at_ms INTEGER NOT NULL DEFAULT 0;
  UPDATE audit SET at_ms = COALESCE(CAST(unixepoch(at, 'subsec') * 1000 AS INTEGER), unixepoch() * 1000);
  CREATE INDEX audit_by_age ON audit (at_ms);

  CREATE TABLE transfers (                  -- personal information that left the box: when, what, to whom, why, by whose word
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, at_ms INTEGER NOT NULL,
    recipient TEXT NOT NULL, purpose TEXT NOT NULL, who TEXT NOT NULL, body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX transfers_by_age ON transfers (at_ms);

  -- Retention alone may delete records, and only while it says, in the same transaction, up to which age. Nothing may edit them.
  CREATE TABLE pruning (what TEXT PRIMARY KEY, before_ms INTEGER NOT NULL) STRICT;
  CREATE TRIGGER incidents_remain BEFORE DELETE ON incidents
    WHEN OLD.open = 1 OR NOT EXISTS (SELECT 1 FROM pruning WHERE what = 'alarms' AND OLD.last_ms < before_ms)
    BEGIN SELECT RAISE(ABORT, 'incidents are kept for their term'); END;
  CREATE TRIGGER incident_changes_stay BEFORE UPDATE ON incident_changes
    BEGIN SELECT RAISE(ABORT, 'changes are only ever added'); END;
  CREATE TRIGGER incident_changes_remain BEFORE DELETE ON incident_changes
    WHEN NOT EXISTS (SELECT 1 FROM pruning WHERE what = 'alarms')
    BEGIN SELECT RAISE(ABORT, 'changes are kept with their incident'); END;
  DROP TRIGGER incident_labels_remain;
  CREATE TRIGGER incident_labels_remain BEFORE DELETE ON incident_labels
    WHEN NOT EXISTS (SELECT 1 FROM pruning WHERE what = 'alarms')
    BEGIN SELECT RAISE(ABORT, 'labels are only ever added'); END;
  CREATE TRIGGER device_events_remain BEFORE DELETE ON device_events
    WHEN NOT EXISTS (SELECT 1 FROM pruning WHERE what = 'logs' AND OLD.at_ms < before_ms)
    BEGIN SELECT RAISE(ABORT, 'device events are kept for their term'); END;
  CREATE TRIGGER audit_stays BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit trail is only ever added to'); END;
  CREATE TRIGGER audit_remains BEFORE DELETE ON audit
    WHEN NOT EXISTS (SELECT 1 FROM pruning WHERE what = 'logs' AND OLD.at_ms < before_ms)
    BEGIN SELECT RAISE(ABORT, 'the audit trail is kept for its term'); END;
  CREATE TRIGGER transfers_stay BEFORE UPDATE ON transfers
    BEGIN SELECT RAISE(ABORT, 'records of transfers are only ever added'); END;
  CREATE TRIGGER transfers_remain BEFORE DELETE ON transfers
    WHEN NOT EXISTS (SELECT 1 FROM pruning WHERE what = 'transfers' AND OLD.at_ms < before_ms)
    BEGIN SELECT RAISE(ABORT, 'records of transfers are kept for their term'); END;
`;
