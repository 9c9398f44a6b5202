"""The commands of `isa-client`, one module each: `add` describes it, `run` does it and returns the exit status."""
