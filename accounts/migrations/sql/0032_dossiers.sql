-- A document is what was uploaded, or nothing any more; a decision stands.

CREATE TRIGGER documents_are_only_purged BEFORE UPDATE ON accounts_document
  FOR EACH ROW WHEN (
    NEW.content IS NOT NULL OR (OLD.dossier_id, OLD.media_type, OLD.size, OLD.added_at)
    IS DISTINCT FROM (NEW.dossier_id, NEW.media_type, NEW.size, NEW.added_at)
  ) EXECUTE FUNCTION refuse_change_to_acts();
CREATE TRIGGER dossier_decisions_stand BEFORE UPDATE ON accounts_dossier
  FOR EACH ROW WHEN (
    OLD.user_id <> NEW.user_id OR (OLD.decided_at IS NOT NULL
      AND (OLD.status, OLD.decided_by_id, OLD.decided_at, OLD.problem)
      IS DISTINCT FROM (NEW.status, NEW.decided_by_id, NEW.decided_at, NEW.problem))
  ) EXECUTE FUNCTION refuse_change_to_acts();
