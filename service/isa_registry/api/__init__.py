"""The JSON interface: parse, act, render. What may be called by whom, and what they see, is in `access.py`."""
