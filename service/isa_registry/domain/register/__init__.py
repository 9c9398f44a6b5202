"""The register: what the log's register kinds add up to, at any log position."""
