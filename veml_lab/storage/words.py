"""Numbers as people say them."""

from __future__ import annotations


def duration(seconds: float) -> str:
    """A length of time.

    >>> duration(0.004), duration(2.81), duration(200.4), duration(7300)
    ('4 ms', '2.8 s', '3 min 20 s', '2 h 1 min')
    """
    if seconds < 1:
        return f"{seconds * 1000:.3g} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"
