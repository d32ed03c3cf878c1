"""XML that may be hostile: no document type, no entities, and files of any size element by element."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from ..errors import BadData
from .jsonstream import Readable

# libexpat has no limit of its own; no annotation needs as many tags within tags.
MAX_DEPTH = 100


def xml_of(data: bytes, where: str) -> Element:
    """Parse XML that may be hostile: no document type, no entities."""
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        return fromstring(data, forbid_dtd=True)
    except DefusedXmlException as e:
        raise BadData(f"{where} declares entities or a document type; such XML is not read ({type(e).__name__})") from e
    except (ParseError, ValueError, LookupError) as e:
        raise BadData(damage(e, where)) from e


def damage(error: Exception, where: str) -> str:
    """What is said of XML that cannot be parsed; an accent in another encoding is what an invalid token mostly is."""
    if "invalid token" in str(error):
        return f"{where} is damaged XML, or no UTF-8 and does not say so ({error}); save it as UTF-8, or fetch it again"
    return f"{where} is damaged XML ({error}); fetch it again"


def elements(stream: Readable, where: str, tags: frozenset[str]) -> Iterator[Element]:
    """Walk over the outermost elements with one of the tags, each whole; what was walked over is forgotten.

    Raises
    ------
    BadData
        For damaged XML, a document type, entities, more than ``MAX_DEPTH`` tags within tags.
    """
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    open_: list[Element] = []
    inside = 0
    try:
        for event, element in iterparse(stream, events=("start", "end"), forbid_dtd=True):
            if event == "start":
                open_.append(element)
                inside += element.tag in tags
                if len(open_) > MAX_DEPTH:
                    raise BadData(f"{where} has tags within tags deeper than {MAX_DEPTH}; such XML is not read")
                continue
            open_.pop()
            if element.tag in tags:
                inside -= 1
                if not inside:
                    yield element
            if not inside:
                # what is done hangs on its parent; a file of a gigabyte would stay in memory
                element.clear()
                if open_:
                    open_[-1].remove(element)
    except DefusedXmlException as e:
        raise BadData(f"{where} declares entities or a document type; such XML is not read ({type(e).__name__})") from e
    except (ParseError, LookupError, ValueError) as e:
        if isinstance(e, BadData):
            raise
        raise BadData(damage(e, where)) from e
