"""People who sign in on the pages: their sessions, how they sign in and out, and what happens while the database is
away."""
