"""What a body relies on in law: its records, and what is to be done about them."""
