"""What the hot paths cost, each beside a bare echo of the same bytes in the same worker."""
