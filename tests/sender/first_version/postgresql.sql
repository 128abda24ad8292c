CREATE TABLE IF NOT EXISTS sekisho_sender_record (
  id TEXT NOT NULL PRIMARY KEY, subject_kind TEXT NOT NULL, subject TEXT NOT NULL, seen_day TEXT NOT NULL,
  key_id TEXT NOT NULL, sealed BYTEA NOT NULL, ip_index TEXT, opened INTEGER NOT NULL DEFAULT 0,
  UNIQUE (subject_kind, subject));

CREATE INDEX IF NOT EXISTS sekisho_sender_record_ip ON sekisho_sender_record (ip_index);

CREATE OR REPLACE FUNCTION sekisho_sender_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.opened = 0 THEN RETURN NEW; END IF;
  ELSIF TG_OP = 'UPDATE' THEN
    IF NEW.opened >= OLD.opened AND (NEW.id, NEW.subject_kind, NEW.subject, NEW.seen_day, NEW.key_id, NEW.sealed, NEW.ip_index)
      IS NOT DISTINCT FROM (OLD.id, OLD.subject_kind, OLD.subject, OLD.seen_day, OLD.key_id, OLD.sealed, OLD.ip_index)
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'sekisho: a sender record never changes and is not deleted; only the count of its openings grows';
END $$;

DROP TRIGGER IF EXISTS sekisho_sender_record_same ON sekisho_sender_record;

CREATE TRIGGER sekisho_sender_record_same BEFORE INSERT OR UPDATE OR DELETE ON sekisho_sender_record
  FOR EACH ROW EXECUTE FUNCTION sekisho_sender_append_only();

DROP TRIGGER IF EXISTS sekisho_sender_record_stays ON sekisho_sender_record;

CREATE TRIGGER sekisho_sender_record_stays BEFORE TRUNCATE ON sekisho_sender_record
  FOR EACH STATEMENT EXECUTE FUNCTION sekisho_sender_append_only();

