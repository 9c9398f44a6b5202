"""Check the log, the receipts and the checkpoints of an information-sharing registry without trusting it.

The package needs the standard library and `cryptography`. Its core takes bytes and answers with facts or with
a `VerificationError`; only `isa_verify.fetching` opens a connection, and only the command line imports that.
"""
