-- How far coverage reaches bears its own mark (crates/store/src/coverage.rs): it decides what no bank is asked about again.
-- Nothing tells what another hand wrote there before. Without a row readers walk the spans, and the next span makes one.
DELETE FROM coverage_marks;
ALTER TABLE coverage_marks ADD COLUMN mark BLOB;

PRAGMA user_version = 22;
