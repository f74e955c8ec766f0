"""`python -m wayvid` is the `wayvid` command."""

import sys

from wayvid.cli.main import main

sys.exit(main())
