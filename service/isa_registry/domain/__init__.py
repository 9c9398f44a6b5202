"""What the registry knows and decides, as frozen data and pure functions: no await, clock, randomness or I/O."""
