"""A body's own sharing events: which are looked for, what they look like in a file, and what to think of before any is
given to the person that they are about. Pure."""
