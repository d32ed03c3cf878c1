"""Passwords, tokens and keys are taken out of a text before it is kept.

Three kinds of rule. What shows itself by its form (an AWS key, a private key block, a JSON web token) goes wherever
it stands. What shows itself by its name (``password = "..."``, ``os.environ["HF_TOKEN"] = "..."``, ``--api-key x``,
``Authorization: Bearer x``) goes where the name is the whole last word and a value is written there, not where one is
computed: ``token = tokenizer(text)`` stays. Credentials in addresses (``https://me:secret@host``, ``?sig=...``) go
with the address left readable. A commit's hash is no secret, so long hexadecimal words alone stay; a key that is
nothing but such a word is found only by what stands beside it.

No filter finds a secret that looks like any other word: what is kept is shown by ``version.how()`` and leaves the lab
only when somebody asks for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

MASK = "***"

_WORD = (
    r"(?:pass(?:word|wd|phrase|code)?|passwd|pwd|secret|token|bearer|credentials?|auth|authorization|sas|dsn"
    r"|(?:api|access|private|secret|signing|encryption|account|shared|client|master|service|subscription|storage"
    r"|license|app|application|auth|ssh|pat|deploy|webhook)[_-]?(?:key|token|secret|password))"
)
# the secret word ends the name, or is followed by what does not change what it holds
_NAME = rf"(?:(?:[A-Za-z0-9]+[_-])*?(?:[a-z]+(?=[A-Z]))?(?i:{_WORD})(?i:[_-]?(?:value|string|str|id|\d+))?)"
_NO_SECRETS = re.compile(  # names of vocabularies, counts and parts of speech
    r"(?i)(?:^|[_-])(?:pad|eos|bos|unk|mask|sep|cls|special|stop|start|end|next|prev|new|max|min|num|class|first|last"
    r"|image|img|text|word|sub|begin|separator|padding|unknown)[_-]?token|token[_-]?id$|tokens$|^sas$|^dsn$"
)
_LITERAL = (
    r"[rRbBuUfF]{0,2}(?:\"\"\"(?:[^\"\\]|\\.|\"(?!\"\"))*\"\"\"|'''(?:[^'\\]|\\.|'(?!''))*'''"
    r"|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')"
)
_ESCAPED = r"\\\"(?:[^\"\\\n]|\\[^\"])*\\\""  # JSON inside of a string
_PLAIN = re.compile(r"[A-Za-z<>\[\]{}|/_ -]{1,12}")  # a word of a vocabulary: "[CLS]", "</s>", "the"

# -- by its form -------------------------------------------------------------------------------------------

_FORMS = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"(?:AKIA|ASIA|ABIA|ACCA|AROA|AIDA)[A-Z0-9]{16}"  # AWS
    r"|gh[pousr]_[A-Za-z0-9]{16,}|github_pat_[A-Za-z0-9_]{20,}"
    r"|gl(?:pat|dt|rt|ptt|soat|cbt|ft|imt|agent)-[A-Za-z0-9_-]{16,}"
    r"|(?:hf|api_org)_[A-Za-z0-9]{16,}"
    r"|sk-[A-Za-z0-9_-]{16,}|sess-[A-Za-z0-9]{20,}"  # OpenAI, Anthropic and others that copy the form
    r"|(?:sk|rk|pk|whsec)_(?:live_|test_)?[A-Za-z0-9]{16,}"  # Stripe
    r"|wandb_v\d_[A-Za-z0-9_]{20,}"
    r"|xox[abeoprs]-[A-Za-z0-9-]{10,}|xapp-[A-Za-z0-9-]{10,}"  # Slack
    r"|AIza[A-Za-z0-9_-]{30,}|ya29\.[A-Za-z0-9_-]{20,}|GOCSPX-[A-Za-z0-9_-]{20,}|1//0[A-Za-z0-9_-]{20,}"  # Google
    r"|npm_[A-Za-z0-9]{30,}|pypi-[A-Za-z0-9_-]{16,}|dckr_pat_[A-Za-z0-9_-]{16,}|rubygems_[a-f0-9]{40,}"
    r"|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}|key-[a-f0-9]{32}|SK[a-f0-9]{32}"  # SendGrid, Mailgun, Twilio
    r"|do[pors]_v1_[a-f0-9]{40,}|dapi[a-f0-9]{32}|r8_[A-Za-z0-9]{30,}|gsk_[A-Za-z0-9]{30,}|pplx-[A-Za-z0-9]{30,}"
    r"|tvly-[A-Za-z0-9-]{20,}|hvs\.[A-Za-z0-9_-]{20,}|lin_api_[A-Za-z0-9]{30,}|shp(?:at|ss|ca|pa)_[a-fA-F0-9]{32}"
    r"|AGE-SECRET-KEY-1[A-Z0-9]{50,}|\d{8,10}:AA[A-Za-z0-9_-]{32,}"  # age, Telegram
    r"|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?"  # a JSON web token
    r")"
)
_BLOCK = re.compile(  # a private key, whole or cut off; each line may begin as one of a diff or of a quoted text
    r"(-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----)(?!\*\*\*)"
    r"(?:(?:(?!-----)[\s\S]){0,20000}(-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----)"
    r"|(?:(?:\\n|\r?\n)[ +\-\"'>]{0,6}(?:[A-Za-z0-9+/=]{4,}|[A-Z][A-Za-z-]+: [^\n]*|)(?=\\n|\s*[\n\"']|\s*$))*)"
)

# -- in addresses ------------------------------------------------------------------------------------------

_ADDRESS = re.compile(
    r"([A-Za-z][A-Za-z0-9+.-]{0,30}://)([^\s/@'\"<>{}]{0,300}:)?([^\s/@'\"<>{}]{1,500})@(?=[^\s@'\"])"
)
_QUERY = re.compile(
    r"(?i)([?&;](?:[A-Za-z0-9_-]*(?:token|secret|password|passwd|pwd|signature|credential|api[_-]?key|access[_-]?key)"
    r"|sig|key|auth|code|access_key_id|awsaccesskeyid)=)([^\s&'\"<>#;{}]+)"
)
_HOOK = re.compile(r"(https://(?:hooks\.slack\.com/(?:services|workflows)|discord(?:app)?\.com/api/webhooks)/)[\w/-]+")

# -- by its name -------------------------------------------------------------------------------------------

_HEADER = re.compile(
    r"(?i)((?:\b(?:proxy-)?authorization|\bx-(?:api-key|auth-token|amz-security-token)|\bapi-key|\bcookie|\bset-cookie"
    r"|\bprivate-token|\bx-[a-z-]*token)[\"']?\s*[:=,]\s*[rbuf]{0,2}[\"']?\s*)"
    r"((?:bearer|basic|token|digest|apikey)\s+)?([^\s\"'{}(),\[\]][^\n\"'{}\[\]]*)"
)
_BEARER = re.compile(r"(?i)\b(bearer|basic)(\s+)([A-Za-z0-9._~+/-]{8,}=*)")
# a name begins here, and is looked at once; a class of that name holds no value, but has a docstring
_BEGIN = r"(?<![A-Za-z0-9_])(?<![A-Za-z0-9]-)(?<!\bclass )"
_ASSIGNED = re.compile(
    rf"{_BEGIN}({_NAME})(\\?[\"']?\s*(?:\]\s*)?"  # environ["NAME"]
    r"(?::\s*[A-Za-z_.\[\]| ]{1,40}(?==))?\s*"  # a type
    r"(?:\|\|?=|:=|=>|[=:,])(?!=)\s*\(?\s*)"
    rf"((?:{_ESCAPED})|{_LITERAL}(?:\s*{_LITERAL})*)"
)
_BARE = re.compile(  # without quotes: of a shell, an .env file, YAML, a connection string
    rf"{_BEGIN}(?<![$.])((?:--?)?{_NAME})([ \t]*:[ \t]+|=)([^\s\"'(),;&|<>{{}}\[\]]+)(?=$|[\s\"';&|,)])",
    re.MULTILINE,
)
_FLAG = re.compile(rf"(?<!\S)(--?{_NAME})([ \t]+|=)(?!-)((?:\"[^\"\n]*\"|'[^'\n]*'|[^\s\"']+))")
_USER = re.compile(r"(\bcurl\b[^\n]{0,300}?\s(?:-u|--user|--proxy-user)[ =]?[\"']?[^\s:\"']+:)([^\s\"']+)")
_TOOLS = re.compile(
    r"(\b(?:wandb|comet|neptune|clearml|huggingface-cli|hf|gh|docker|az|sshpass|mysql|mysqldump)\b[^\n]{0,100}?\s?"
    r"(?:login\s+(?:--relogin\s+)?(?!-|--)|(?<=sshpass )-p ?|\s-p(?=\S)))([^\s\"'-][^\s\"']{5,})"
)
_KEYED = re.compile(  # wandb.login(key="..."), Fernet(b"..."): the name alone says nothing
    r"((?:\b(?:login|init|configure|authenticate|Client|Api|API|connect)\([^()\n]{0,300}?\b(?:key|pass|pw)\s*=\s*"
    rf"|\bFernet\(\s*"
    rf"|\b(?:set_token|set_password|set_api_key|HfFolder\.save_token|set_credentials)\([^()\n]{{0,300}}?))({_LITERAL})"
)
_NETRC = re.compile(r"(\bmachine\s+\S+\s+login\s+\S+\s+password\s+)(\S+)")
_GIVEN = re.compile(r"[A-Za-z_][\w.]*(?:[(\[].*)?")  # what code computes: a name, a call, a look-up


def masked(text: str) -> tuple[str, int]:
    """A text without the secrets that can be recognised, and how many were taken out.

    Linear in the length of the text, 0.5 s for a megabyte of code (two busy cores).

    >>> masked('login(token="hf_abcdefghijklmnopqrstuvwx"); token = tokenizer(text)')
    ('login(token="***"); token = tokenizer(text)', 1)
    >>> masked("git checkout 3f2a9c1d4b5e6f708192a3b4c5d6e7f801234567")
    ('git checkout 3f2a9c1d4b5e6f708192a3b4c5d6e7f801234567', 0)
    """
    counted = _Counted()
    for rule, put in _RULES:
        text = rule.sub(counted.by(put), text)
    return text, counted.n


def masked_words(words: Sequence[str]) -> tuple[list[str], int]:
    """A command line without its secrets: a flag's value may be the word after it.

    >>> masked_words(["train.py", "--password", "correct horse", "--lr", "0.1"])
    (['train.py', '--password', '***', '--lr', '0.1'], 1)
    """
    out: list[str] = []
    n, hidden = 0, False
    for word in words:
        if hidden and not re.match(r"--?[A-Za-z]", word):
            out.append(MASK)
            n += 1
        else:
            clean, found = masked(word)
            out.append(clean)
            n += found
        hidden = re.fullmatch(rf"--?{_NAME}", word) is not None and not _NO_SECRETS.search(word.lstrip("-"))
    return out, n


def is_secret(name: str) -> bool:
    """Whether a name is one of a secret.

    >>> is_secret("AWS_SECRET_ACCESS_KEY"), is_secret("OMP_NUM_THREADS"), is_secret("pad_token")
    (True, False, False)
    """
    return re.fullmatch(_NAME, name) is not None and not _NO_SECRETS.search(name)


class _Counted:
    """Counts the places where a rule changed something."""

    def __init__(self) -> None:
        self.n = 0

    def by(self, put: Callable[[re.Match[str]], str]) -> Callable[[re.Match[str]], str]:
        """The same rule, counted."""

        def counted(found: re.Match[str]) -> str:
            new = put(found)
            self.n += new != found[0]
            return new

        return counted


def _assigned(m: re.Match[str]) -> str:
    name, between, value = m[1], m[2], m[3]
    if _NO_SECRETS.search(name):
        return m[0]
    hidden = re.sub(_ESCAPED, f'\\\\"{MASK}\\\\"', value) if value.startswith("\\") else _hidden(name, value)
    return f"{name}{between}{hidden}"


def _hidden(name: str, literals: str) -> str:
    """String literals with their content masked; their quotes stay."""

    def one(m: re.Match[str]) -> str:
        text = m[0]
        prefix = re.match(r"[A-Za-z]*", text)[0]  # type: ignore[index]
        quote = text[len(prefix) :][:3] if text[len(prefix) :].startswith(('"""', "'''")) else text[len(prefix)]
        inner = text[len(prefix) + len(quote) : -len(quote)]
        rest = re.sub(r"\{[^{}]*\}", "", inner) if "f" in prefix.lower() else inner
        about = "token" in name.lower() or "auth" in name.lower() or "bearer" in name.lower()
        if not rest or MASK in rest or (about and (_PLAIN.fullmatch(rest) or len(rest) < 4)):
            return text
        return f"{prefix}{quote}{MASK}{quote}"

    return re.sub(_LITERAL, one, literals)


def _bare(m: re.Match[str]) -> str:
    name, between, value = m[1], m[2], m[3]
    if _NO_SECRETS.search(name.lstrip("-")) or MASK in value or value.startswith(("$", "%", "`")):
        return m[0]
    if value in ("None", "True", "False", "null", "true", "false", "str", "bytes", "int", "SecretStr", "Optional"):
        return m[0]
    if re.fullmatch(r"\d{1,5}(?:\.\d+)?", value):  # a count, a port
        return m[0]
    shell = name.lstrip("-").isupper() and between == "="
    odd = re.search(r"\d", value) or re.search(r"[^\w.]", value) or len(value) >= 20
    code = _GIVEN.fullmatch(value) and ("." in value or "_" in value) and not re.search(r"\d{2}", value)
    if (shell or odd) and not (code and not shell) and not value.startswith("os."):
        return f"{name}{between}{MASK}"
    return m[0]


def _flag(m: re.Match[str]) -> str:
    return m[0] if _NO_SECRETS.search(m[1].lstrip("-")) or MASK in m[3] else f"{m[1]}{m[2]}{MASK}"


def _header(m: re.Match[str]) -> str:
    if MASK in m[3] or (_GIVEN.fullmatch(m[3].strip()) and not re.search(r"\d", m[3]) and not m[2]):
        return m[0]
    return f"{m[1]}{m[2] or ''}{MASK}"


def _address(m: re.Match[str]) -> str:
    if m[2] is None and re.fullmatch(r"[a-z_][a-z0-9_.-]{0,31}", m[3]):  # ssh://git@host: a user without a password
        return m[0]
    return f"{m[1]}{MASK}@" if not m[2] else f"{m[1]}{m[2]}{MASK}@"


_RULES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (_BLOCK, lambda m: f"{m[1]}{MASK}{m[2] or ''}"),
    (_FORMS, lambda m: MASK),
    (_ADDRESS, _address),
    (_QUERY, lambda m: f"{m[1]}{MASK}"),
    (_HOOK, lambda m: f"{m[1]}{MASK}"),
    (_HEADER, _header),
    (_BEARER, lambda m: m[0] if m[3].isalpha() and m[3].islower() else f"{m[1]}{m[2]}{MASK}"),
    (_ASSIGNED, _assigned),
    (_KEYED, lambda m: m[1] + _hidden("key", m[2])),
    (_FLAG, _flag),
    (_BARE, _bare),
    (_USER, lambda m: f"{m[1]}{MASK}"),
    (_TOOLS, lambda m: f"{m[1]}{MASK}"),
    (_NETRC, lambda m: f"{m[1]}{MASK}"),
)
