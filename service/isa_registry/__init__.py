"""The information-sharing agreement and consent registry."""
