-- The last four digits of the card, as the bank's masked number ends; nothing longer fits.
ALTER TABLE cards ADD COLUMN tail TEXT CHECK (tail IS NULL OR tail GLOB '[0-9][0-9][0-9][0-9]');

-- A list of one way and one state begins at its newest, however few they are.
CREATE INDEX payments_by_way ON payments (rail, state, sold_at, order_id);

-- every migration ends with its own number
PRAGMA user_version = 4;
