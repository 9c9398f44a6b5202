"""Run the verifier as `python -m isa_verify`."""

import sys

from isa_verify.cli import main

sys.exit(main())
