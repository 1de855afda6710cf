-- Which start brought each input of a batch, so that none is collected twice.
-- Why: a start that was handed to another node comes again when its answer is lost; who keeps the queue by then may not know it.
-- Compatible from: first version; inputs that were there before name no start, and the first of a batch never does. Takes a short exclusive lock of the table.
-- Duration: reads what batches have collected.

ALTER TABLE flow_collected ADD COLUMN arrival BYTEA;
CREATE UNIQUE INDEX flow_collected_once ON flow_collected (account_id, arrival);
