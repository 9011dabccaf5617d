"""`python -m evidence`: for auditors who have nothing else of Holdfast running."""

import sys

from evidence.cli import main

sys.exit(main())
