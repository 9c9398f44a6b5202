"""The PostgreSQL of a first run, the demonstration and the tests."""
