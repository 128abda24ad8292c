CREATE TABLE IF NOT EXISTS sekisho_sender_record (
  id TEXT NOT NULL PRIMARY KEY, subject_kind TEXT NOT NULL, subject TEXT NOT NULL, seen_day TEXT NOT NULL,
  key_id TEXT NOT NULL, sealed BLOB NOT NULL, ip_index TEXT, opened INTEGER NOT NULL DEFAULT 0,
  UNIQUE (subject_kind, subject));

CREATE INDEX IF NOT EXISTS sekisho_sender_record_ip ON sekisho_sender_record (ip_index);

CREATE TABLE IF NOT EXISTS sekisho_sender_due (
  subject_kind TEXT NOT NULL, subject TEXT NOT NULL, PRIMARY KEY (subject_kind, subject),
  FOREIGN KEY (subject_kind, subject) REFERENCES sekisho_sender_record (subject_kind, subject) DEFERRABLE INITIALLY DEFERRED);

CREATE TRIGGER IF NOT EXISTS sekisho_sender_record_once BEFORE INSERT ON sekisho_sender_record BEGIN
  SELECT RAISE(ABORT, 'sekisho: a sender record is written once')
    WHERE NEW.opened <> 0 OR EXISTS (SELECT 1 FROM sekisho_sender_record
      WHERE id = NEW.id OR (subject_kind = NEW.subject_kind AND subject = NEW.subject));
END;

CREATE TRIGGER IF NOT EXISTS sekisho_sender_record_kept AFTER INSERT ON sekisho_sender_record BEGIN
  DELETE FROM sekisho_sender_due WHERE subject_kind = NEW.subject_kind AND subject = NEW.subject;
END;

CREATE TRIGGER IF NOT EXISTS sekisho_sender_record_stays BEFORE DELETE ON sekisho_sender_record BEGIN
  SELECT RAISE(ABORT, 'sekisho: sender records are not deleted; their keys are');
END;

CREATE TRIGGER IF NOT EXISTS sekisho_sender_record_same BEFORE UPDATE ON sekisho_sender_record
  WHEN NEW.id IS NOT OLD.id OR NEW.subject_kind IS NOT OLD.subject_kind OR NEW.subject IS NOT OLD.subject
    OR NEW.seen_day IS NOT OLD.seen_day OR NEW.key_id IS NOT OLD.key_id OR NEW.sealed IS NOT OLD.sealed
    OR NEW.ip_index IS NOT OLD.ip_index OR typeof(NEW.opened) <> 'integer' OR NEW.opened < OLD.opened BEGIN
  SELECT RAISE(ABORT, 'sekisho: a sender record never changes; only the count of its openings grows');
END;

