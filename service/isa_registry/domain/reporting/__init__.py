"""Reports drawn from the register on a day: who has attested what, and what is due."""
