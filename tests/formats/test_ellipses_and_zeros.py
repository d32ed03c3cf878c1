"""Rings of ellipses against complex numbers, and the zeros of WIDER FACE."""

from __future__ import annotations

import cmath
import math

import pytest

from veml_lab.formats.wider_face import _entries
from veml_lab.sources.checks import Findings
from veml_lab.sources.forms import ellipse_ring


@pytest.mark.parametrize("angle", [0.0, 0.3, math.pi / 4, -1.2, 3.0])
def test_an_ellipse_is_turned_about_its_middle(angle):
    ring = ellipse_ring(5, -3, 4, 1.5, angle, corners=16)
    points = [complex(x, y) for x, y in zip(ring[0::2], ring[1::2], strict=True)]
    turn = cmath.exp(1j * angle)
    for k, p in enumerate(points):
        at = 2 * math.pi * k / 16
        assert p == pytest.approx(complex(5, -3) + turn * complex(4 * math.cos(at), 1.5 * math.sin(at)))
        back = (p - complex(5, -3)) / turn
        assert (back.real / 4) ** 2 + (back.imag / 1.5) ** 2 == pytest.approx(1)


FACE, ZEROS = "10 20 30 40 0 0 0 0 0 0", "0 0 0 0 0 0 0 0 0 0"


@pytest.mark.parametrize(
    "number, lines, faces, bad",
    [("1", [FACE], 1, 0), ("0", [ZEROS], 0, 0), ("0", [FACE], 1, 0), ("1", [ZEROS], 0, 1), ("0", [], 0, 0)],
)
def test_a_line_of_zeros_is_nothing_only_where_no_face_was_said(number, lines, faces, bad):
    findings = Findings("here", strict=False)
    ((name, found, at, lost),) = _entries("\n".join(["a/1.jpg", number, *lines]), "list.txt", findings)
    assert (name, len(found), at, lost, findings.count) == ("a/1.jpg", faces, "list.txt, line 1", bool(bad), bad)
