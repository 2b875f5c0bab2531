import { auditHeadsStep } from './audit-heads.ts';
import { lineageStep } from './lineage.ts';

/**
 * Schema of the receivers' PostgreSQL database, a step a version, in a schema of its own; `schema_version`
 * says how many have been taken. Never edit a step that has shipped. Tables and columns are those of the
 * SQLite store (`schema.ts`).
 */
export const postgresMigrations: readonly string[] = [
  `
  CREATE TABLE events (
    source text NOT NULL,
    id text NOT NULL,
    box text NOT NULL,
    epoch text NOT NULL,
    class text NOT NULL,
    sequence bigint NOT NULL,
    type text NOT NULL,
    time text NOT NULL,
    historical boolean NOT NULL,
    understanding text NOT NULL,
    -- json, not jsonb: what a box sent is kept to the letter, and jsonb refuses an escaped zero character.
    data json NOT NULL,
    received_at timestamptz NOT NULL,
    deliveries integer NOT NULL,
    arrival bigint GENERATED ALWAYS AS IDENTITY,
    -- Source and id say the same in CloudEvents' words, and intake holds them to it. A second unique key beside this one
    -- failed (23505) where two receivers stored one event at once: ON CONFLICT waits on one key only.
    PRIMARY KEY (box, epoch, class, sequence)
  );
  CREATE INDEX events_by_arrival ON events (arrival);

  CREATE TABLE streams (
    box text NOT NULL,
    epoch text NOT NULL,
    class text NOT NULL,
    contiguous bigint NOT NULL DEFAULT 0,
    highest bigint NOT NULL DEFAULT 0,
    lag_ms double precision NOT NULL DEFAULT 0,
    pruned bigint NOT NULL DEFAULT 0,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (box, epoch, class)
  ) WITH (fillfactor = 70);
  CREATE INDEX streams_by_update ON streams (updated_at);

  CREATE TABLE gaps (
    box text NOT NULL,
    epoch text NOT NULL,
    class text NOT NULL,
    first bigint NOT NULL,
    last bigint NOT NULL,
    reason text NOT NULL,
    found_at timestamptz NOT NULL,
    PRIMARY KEY (box, epoch, class, first)
  );

  CREATE TABLE incidents (
    box text NOT NULL,
    id text NOT NULL,
    kind text NOT NULL,
    phase text NOT NULL,
    priority integer NOT NULL,
    camera text,
    zone text,
    device text,
    opened_at text NOT NULL,
    updated_at text NOT NULL,
    cleared_at text,
    evidence text,
    epoch text NOT NULL,
    sequence bigint NOT NULL,
    applied integer NOT NULL,
    -- The instant in milliseconds: text is what the box wrote, this is what orders.
    instant_ms bigint NOT NULL,
    PRIMARY KEY (box, id)
  );
  CREATE INDEX incidents_by_instant ON incidents (instant_ms);

  CREATE TABLE commands (
    box text NOT NULL,
    command_id text NOT NULL,
    device text NOT NULL,
    action text NOT NULL,
    state text NOT NULL,
    reason text,
    channel text NOT NULL,
    "user" text NOT NULL,
    accepted_at text NOT NULL,
    finished_at text,
    took_ms double precision,
    epoch text NOT NULL,
    sequence bigint NOT NULL,
    applied integer NOT NULL,
    instant_ms bigint NOT NULL,
    PRIMARY KEY (box, command_id)
  );
  CREATE INDEX commands_by_instant ON commands (instant_ms);

  CREATE TABLE device_comms (
    box text NOT NULL,
    device text NOT NULL,
    comms text NOT NULL,
    reason text,
    at text NOT NULL,
    epoch text NOT NULL,
    sequence bigint NOT NULL,
    applied integer NOT NULL,
    instant_ms bigint NOT NULL,
    PRIMARY KEY (box, device)
  );

  CREATE TABLE refused (
    why text PRIMARY KEY,
    count bigint NOT NULL,
    last_at timestamptz NOT NULL
  );

  -- Moves a stream's mark over everything stored without a hole, past what the box will never send again, and returns it.
  -- The caller's transaction holds the stream's row and has stored its events before it took it: whoever holds the row
  -- last sees the events of all that held it before, so that no two receivers overlook each other's part of the run.
  CREATE FUNCTION advance_stream(of_box text, of_epoch text, of_class text, settled bigint, at timestamptz)
  RETURNS bigint LANGUAGE plpgsql AS $$
  DECLARE
    complete bigint;
    before bigint;
    said bigint;
    found_next bigint;
    next bigint;
  BEGIN
    SELECT contiguous INTO before FROM streams
      WHERE box = of_box AND epoch = of_epoch AND class = of_class FOR UPDATE;
    complete := before;
    LOOP
      -- A cursor, not an aggregate: it ends at the first hole, however much a box has sent beyond it.
      FOR next IN SELECT sequence FROM events
        WHERE box = of_box AND epoch = of_epoch AND class = of_class AND sequence > complete ORDER BY sequence
      LOOP
        EXIT WHEN next <> complete + 1;
        complete := next;
      END LOOP;
      SELECT max(last) INTO said FROM gaps WHERE box = of_box AND epoch = of_epoch AND class = of_class
        AND first <= complete + 1 AND last > complete;
      IF said IS NOT NULL THEN
        complete := said;
      ELSIF complete < settled THEN
        SELECT min(sequence) INTO found_next FROM events
          WHERE box = of_box AND epoch = of_epoch AND class = of_class AND sequence > complete;
        next := least(settled, coalesce(found_next, settled + 1) - 1);
        INSERT INTO gaps (box, epoch, class, first, last, reason, found_at)
          VALUES (of_box, of_epoch, of_class, complete + 1, next, 'settled', at)
          ON CONFLICT (box, epoch, class, first) DO UPDATE SET last = greatest(gaps.last, excluded.last);
        complete := next;
      ELSE
        EXIT;
      END IF;
    END LOOP;
    IF complete > before THEN
      UPDATE streams SET contiguous = complete WHERE box = of_box AND epoch = of_epoch AND class = of_class;
    END IF;
    RETURN complete;
  END $$;
  `,
  auditHeadsStep('postgres'),
  `
  CREATE INDEX events_of_media ON events (arrival) WHERE type = 'gatehouse.media.v1';
  `,
  `${lineageStep('postgres')}
  DROP FUNCTION advance_stream(text, text, text, bigint, timestamptz);
  -- As before, and no further than events that follow from one another: each names the digest of the one before it. Returns also what
  -- stands next and does not follow.
  CREATE FUNCTION advance_linked(of_box text, of_epoch text, of_class text, settled bigint, at timestamptz,
    OUT complete bigint, OUT complete_digest text, OUT frozen_at bigint, OUT unlinked bigint, OUT unlinked_digest text)
  LANGUAGE plpgsql AS $$
  DECLARE
    before bigint;
    said bigint;
    found_next bigint;
    next record;
    last_of_gap bigint;
  BEGIN
    SELECT s.contiguous, s.contiguous, s.digest, s.frozen INTO before, complete, complete_digest, frozen_at FROM streams s
      WHERE s.box = of_box AND s.epoch = of_epoch AND s.class = of_class FOR UPDATE;
    LOOP
      FOR next IN SELECT e.sequence, e.digest, e.previous FROM events e
        WHERE e.box = of_box AND e.epoch = of_epoch AND e.class = of_class AND e.sequence > complete ORDER BY e.sequence
      LOOP
        EXIT WHEN next.sequence <> complete + 1;
        EXIT WHEN next.previous IS NOT NULL AND complete_digest IS NOT NULL AND next.previous <> complete_digest;
        complete := next.sequence;
        complete_digest := next.digest;
      END LOOP;
      SELECT max(g.last) INTO said FROM gaps g WHERE g.box = of_box AND g.epoch = of_epoch AND g.class = of_class
        AND g.first <= complete + 1 AND g.last > complete;
      IF said IS NOT NULL THEN
        complete := said;
        complete_digest := NULL;
      ELSIF complete < settled THEN
        SELECT min(e.sequence) INTO found_next FROM events e
          WHERE e.box = of_box AND e.epoch = of_epoch AND e.class = of_class AND e.sequence > complete;
        last_of_gap := least(settled, coalesce(found_next, settled + 1) - 1);
        -- What stands next does not follow from what is here: what the box has settled is another history.
        EXIT WHEN last_of_gap <= complete;
        INSERT INTO gaps (box, epoch, class, first, last, reason, found_at)
          VALUES (of_box, of_epoch, of_class, complete + 1, last_of_gap, 'settled', at)
          ON CONFLICT (box, epoch, class, first) DO UPDATE SET last = greatest(gaps.last, excluded.last);
        complete := last_of_gap;
        complete_digest := NULL;
      ELSE
        EXIT;
      END IF;
    END LOOP;
    IF complete > before THEN
      UPDATE streams s SET contiguous = complete, digest = complete_digest
        WHERE s.box = of_box AND s.epoch = of_epoch AND s.class = of_class;
    END IF;
    SELECT e.sequence, e.digest INTO unlinked, unlinked_digest FROM events e
      WHERE e.box = of_box AND e.epoch = of_epoch AND e.class = of_class AND e.sequence = complete + 1;
  END $$;
  `,
];
