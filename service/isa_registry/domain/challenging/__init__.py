"""Managing professional differences: what can be disputed, the stages, and what becomes of a challenge."""
