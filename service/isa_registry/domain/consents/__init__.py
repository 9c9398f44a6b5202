"""The consent register's rules: who may say yes or no for whom, how a consent lives and ends, and what a question may
rest on. Pure: what is on record comes in as entries, the day as a London date."""
