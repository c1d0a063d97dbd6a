-- What somebody at the counter must see, until somebody has: also when it came while the program was closed.
CREATE TABLE news (
    seq        INTEGER PRIMARY KEY,
    payment_id BLOB    NOT NULL UNIQUE REFERENCES payments (id)
) STRICT;

-- every migration ends with its own number
PRAGMA user_version = 2;
