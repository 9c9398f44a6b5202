"""Two versions of an agreement held against each other: words, clauses, schedules. Pure, and bounded in time."""
