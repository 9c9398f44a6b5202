"""What is taken away from the log: evidence, copies, and decisions made anew from it."""
