"""The log's keys: in files, in the log, and from one to the next."""
