-- A day of the schedule on which no run was started has an execution, too: status missed or paused, and no start.
ALTER TABLE executions ALTER COLUMN started_at DROP NOT NULL;
