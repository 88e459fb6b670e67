ALTER TABLE users
  ADD COLUMN two_factor TEXT,
  ADD COLUMN two_factor_revision TEXT;
