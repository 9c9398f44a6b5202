"""What lets others act, as it is decided and as it is used."""
