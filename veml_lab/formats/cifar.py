"""CIFAR-10 and CIFAR-100 in their binary version."""

from __future__ import annotations

import re

NAME = re.compile(r"(data_batch_\d+|test_batch)(\.bin)?|(train|test)\.bin")
