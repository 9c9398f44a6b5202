"""What a body may rely on in law, and what it says that it relies on.

`choices` says what the law leaves open to a body for a purpose on a day, and why it closes the rest; `refusals` holds
a record against exactly that. Both ask `closing` of each provision and `needs` of what it needs beside it, so that
they cannot disagree.
"""
