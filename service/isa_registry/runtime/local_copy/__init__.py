"""What a worker keeps on its own machine, so that one that starts while the database is away can answer."""
