"""Law watch: what changed between two catalogues, what rests on it, and what a new catalogue may not do."""
