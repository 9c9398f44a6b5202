"""PostgreSQL, and the only package that speaks to it. One `.sql` beside one typed `.py` per aggregate.

Functions take the connection first and never begin or commit, unless their name says so.
"""
