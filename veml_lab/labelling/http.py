"""JSON over HTTP to a labelling server: a few calls, of the standard library; the token goes to that server alone."""

from __future__ import annotations

import hashlib
import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode, urlsplit

from ..errors import BadInput, ToolError
from .secret import Secret

PATIENCE_S = 120.0
LOOPBACK = ("127.0.0.1", "localhost", "::1")
Files = Sequence[tuple[str, str, bytes]]  # field, name of the file, bytes


class Refused(ToolError):
    """The server answered with an error; ``status`` is HTTP's."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class Http:
    """One server.

    Parameters
    ----------
    header
        The value of the header ``Authorization`` that shows the token.
    variable
        Where people keep the token; what 401 asks for.
    """

    def __init__(self, tool: str, url: str, token: Secret | None, variable: str, header: Callable[[str], str]) -> None:
        self.url, self._tool, self._variable = checked_url(url), tool, variable
        self._token, self._header = token, header
        local = urlsplit(self.url).hostname in LOOPBACK
        self._opener = urllib.request.build_opener(_Stay(), *([urllib.request.ProxyHandler({})] if local else []))

    def shows(self, token: Secret) -> None:
        """Show another token from now on."""
        self._token = token

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: Mapping[str, Any] | None = None,
        form: tuple[Mapping[str, str], Files] | None = None,
        headers: Mapping[str, str] | None = None,
        plain: bool = False,
    ) -> Any:
        """Ask; the answer's JSON, None where it is empty.

        Parameters
        ----------
        body
            Sent as JSON; ``form`` as multipart/form-data instead.
        plain
            Without the token, for the call that gets one.

        Raises
        ------
        Refused
            The server said no; 401 and 403 name the variable that holds the token.
        ToolError
            It cannot be reached, or went away.
        """
        url = f"{self.url}{path}" + (f"?{urlencode(query)}" if query else "")
        data, kind = None, "application/json"
        if form is not None:
            data, kind = multipart(*form)
        elif body is not None:
            data = json.dumps(body, default=Secret.reveal).encode()
        asked = urllib.request.Request(url, data, {"Accept": "application/json", **(headers or {})}, method=method)
        if data is not None:
            asked.add_header("Content-Type", kind)
        data = None  # it may hold a token, and a traceback with variables shows those of this frame
        if self._token is not None and not plain:
            asked.add_unredirected_header("Authorization", self._header(self._token.reveal()))
        try:
            with self._opener.open(asked, timeout=PATIENCE_S) as answer:
                text = answer.read()
        except urllib.error.HTTPError as e:
            raise self._refused(method, path, e) from None  # from None: the other one holds the request
        except (OSError, http.client.HTTPException) as e:
            why = getattr(e, "reason", None) or e
            raise ToolError(
                f"{self._tool} at {self.url} does not answer ({self._clean(str(why)) or type(e).__name__}). Start it"
                " and send the task again: what is there already is not sent twice"
            ) from None
        try:
            return json.loads(text) if text.strip() else None
        except ValueError:
            raise ToolError(
                f"{self._tool} at {self.url} answered {method} {path} with something that is no JSON; is that the"
                " address of its start page?"
            ) from None

    def _refused(self, method: str, path: str, e: urllib.error.HTTPError) -> Refused:
        with e:
            said = self._clean(e.read(2000).decode("utf-8", "replace"))
        if e.code in (401, 403):
            have = "did not take the token" if self._token is not None else "wants a token"
            return Refused(
                f"{self._tool} at {self.url} {have} ({e.code}); set the environment variable {self._variable}, or give"
                " token=...",
                e.code,
            )
        short = " ".join(said.split())[:300] if said.lstrip()[:1] in "{[" else ""
        return Refused(f"{self._tool} at {self.url} refused {method} {path} ({e.code}){short and ': ' + short}", e.code)

    def _clean(self, text: str) -> str:
        return text.replace(self._token.reveal(), "...") if self._token is not None else text


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follow redirects within the server alone, and never from https to http."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        old, new = urlsplit(req.full_url), urlsplit(newurl)
        if (old.scheme, old.netloc) != (new.scheme, new.netloc):
            raise ToolError(f"{old.netloc} sends on to {new.scheme}://{new.netloc}; give that address, if it is yours")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def checked_url(url: str) -> str:
    """The address without a slash at its end, or the error that says what one looks like."""
    parts = urlsplit(url if isinstance(url, str) else "")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadInput(f"the address of a server is written as http://HOST:PORT or https://HOST; got {url!r:.80}")
    if parts.username or parts.password or parts.query:
        raise BadInput("an address with a name, a password or a query would be kept in the lab; give the token apart")
    return url.rstrip("/")


def multipart(fields: Mapping[str, str], files: Files) -> tuple[bytes, str]:
    """A body of multipart/form-data, and its content type; the same for the same content."""
    mark = hashlib.sha256(b"".join(data for _, _, data in files) + repr(fields).encode()).hexdigest()[:32]
    parts = []
    for name, value in fields.items():
        parts.append(f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
    for field, name, data in files:
        head = f'--{mark}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n'
        parts.append(f"{head}Content-Type: application/octet-stream\r\n\r\n".encode() + data + b"\r\n")
    return b"".join(parts) + f"--{mark}--\r\n".encode(), f"multipart/form-data; boundary={mark}"
