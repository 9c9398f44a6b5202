"""What the people concerned are told: what about, whom, when, and in which words."""
