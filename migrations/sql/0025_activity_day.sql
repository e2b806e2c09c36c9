-- What all users did on a day, for the day's report and its mirror, without reading every day there ever was. Locks the
-- table against writes while the index is built.
CREATE INDEX activity_records_day ON activity_records (day, user_id);
