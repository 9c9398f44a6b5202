"""How bodies join: many by a file, and each by an invitation."""
