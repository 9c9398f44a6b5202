"""Beginning a log that continues another."""
