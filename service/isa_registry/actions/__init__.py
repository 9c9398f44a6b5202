"""Use cases, a module per aggregate: load, decide, return a draft. Only the sequencer appends."""
