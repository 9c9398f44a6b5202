"""Attesting as a running registry does it: signing, invitations, questions."""
