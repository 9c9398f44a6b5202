"""What runs beside the requests: the sequencer, the follower of the log, the checkpointer, the embedded database."""
