"""The log's bytes and rules: leaves, batches, proofs, checkpoints, index rows. Pure; Merkle hashing is isa_verify's."""
