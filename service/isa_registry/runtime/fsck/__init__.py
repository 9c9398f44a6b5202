"""What `isa-registry fsck` looks at: the stored log against itself, piece by piece."""
