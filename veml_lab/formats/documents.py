"""Documents of MLife."""

from __future__ import annotations

import re

NAME = re.compile(r"documents[\w.-]*\.(csv|jsonl?|xml)|[\w.-]+\.documents\.(csv|jsonl?|xml)")
