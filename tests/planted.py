"""What tests send of a made-up person where nothing of a person belongs: none of it may be anywhere in a database."""

from __future__ import annotations

NAMES = ("Anna Smith", "Anna-Smith", "Smith, Anna")
NHS_NUMBERS = ("9434765919", "943 476 5919", "943-476-5919")
BORN = ("2014-05-06", "06/05/2014", "6 May 2014", "20140506")
WORDS = ("she told her teacher that she is afraid to go home", "lives with her uncle since the summer")
OTHERS = ("anna1@example.org", "DH1 5UL", "DH15UL", "QQ123456C", "A123456789012", "07700 900123")

PLANTED = (*NAMES, *NHS_NUMBERS, *BORN, *WORDS, *OTHERS)
