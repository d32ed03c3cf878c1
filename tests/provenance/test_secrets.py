"""What is kept of a user's code holds none of the secrets in it, and is the user's code otherwise."""

from __future__ import annotations

import pytest

from veml_lab.provenance.secrets import MASK, is_secret, masked, masked_words

A, B = "Zk3vQ9wX7pL2mT8rY5", "hunter2-and-more"  # parts of secrets; no form of a real one
HEX = "3f2a9c1d4b5e6f708192a3b4c5d6e7f801234567"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P"

# (what stands in the code, the part that may not be kept)
SECRETS = {
    "assigned": (f'password = "{B}"', B),
    "single quotes": (f"api_key='{A}'", A),
    "attribute": (f'config.secret_key = "{A}"', A),
    "camel case": (f'const apiKey = "{A}"', A),
    "with a type": (f'token: str = "{A}"', A),
    "walrus": (f'if (token := "{A}"):', A),
    "environment": (f'os.environ["X_TOKEN"] = "{A}"', A),
    "setdefault": (f'os.environ.setdefault("HF_TOKEN", "{A}")', A),
    "putenv": (f"os.putenv('AWS_SECRET_ACCESS_KEY', '{A}')", A),
    "keyword": (f'connect(host="db", user="me", password="{B}")', B),
    "dictionary": (f'{{"user": "me", "password": "{B}"}}', B),
    "JSON in a string": (f'"{{\\"api_key\\": \\"{A}\\"}}"', A),
    "YAML": (f"api_key: {A}", A),
    "env file": (f"WANDB_API_KEY={HEX}", HEX),
    "export": (f"!export GITHUB_TOKEN={A} && git push", A),
    "env magic": (f"%env OPENAI_API_KEY={A}", A),
    "env magic with a space": (f"%set_env HF_TOKEN={A}", A),
    "flag": (f"!aws configure --password {B}", B),
    "flag with equals": (f"mlflow server --api-key={A}", A),
    "flag in a list": (f'subprocess.run(["curl", "--token", "{A}"])', A),
    "bearer": (f'headers={{"Authorization": "Bearer {A}"}}', A),
    "basic": ("-H 'Authorization: Basic bWU6aHVudGVyMg=='", "bWU6aHVudGVyMg"),
    "api key header": (f'requests.get(u, headers={{"X-Api-Key": "{A}"}})', A),
    "address": (f'pd.read_csv("https://me:{B}@host.org/a.csv")', B),
    "address with a token": (f"git clone https://{A}@host.org/a.git", A),
    "database": (f"create_engine('postgresql://me:{B}@db:5432/x')", B),
    "signed address": (f"https://bucket.host/a?X-Amz-Signature={HEX}&part=1", HEX),
    "shared access": (f"https://a.blob.host/c?sv=2022&sig={A}%3D", A),
    "connection string": (f"DefaultEndpointsProtocol=https;AccountName=me;AccountKey={A}==;Suffix=x", A),
    "connection words": (f'psycopg.connect("host=db user=me password={B} dbname=x")', B),
    "AWS": ("AKIAIOSFODNN7EXAMPLE", "IOSFODNN7"),
    "GitHub": ("ghp_" + "a1B2" * 9, "a1B2"),
    "GitHub, fine": ("github_pat_" + "a1B2_" * 8, "a1B2"),
    "GitLab": ("glpat-" + A + "xx", A),
    "Hugging Face": ('login("hf_' + "a1B2" * 8 + '")', "a1B2"),
    "OpenAI": ('client = OpenAI("sk-proj-' + "a1B2" * 8 + '")', "a1B2"),
    "W&B": (f'wandb.login(key="{HEX}")', HEX),
    "W&B in a shell": (f"!wandb login {HEX}", HEX),
    "Slack": ("xoxb-1234567890-" + A, A),
    "Slack hook": ("https://hooks.slack.com/services/T000/B000/" + A, A),
    "Google": ("AIza" + "a1B2-" * 7, "a1B2"),
    "Stripe": ("sk_live_" + "a1B2" * 6, "a1B2"),
    "PyPI": ("pypi-AgEIcHlwaS5vcmc" + A, A),
    "npm": ("npm_" + "a1B2" * 9, "a1B2"),
    "web token": (f"jwt.decode('{JWT}')", "eyJzdWIi"),
    "private key": (f"-----BEGIN RSA PRIVATE KEY-----\nMIIE{A}\n{A}=\n-----END RSA PRIVATE KEY-----", A),
    "private key in a diff": (f"+-----BEGIN PRIVATE KEY-----\n+MIIE{A}\n+{A}==\n+-----END PRIVATE KEY-----", A),
    "private key, cut off": (f"-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl{A}\n{A}", A),
    "private key in one line": (f'"-----BEGIN PRIVATE KEY-----\\nMIIE{A}\\n-----END PRIVATE KEY-----\\n"', A),
    "curl": (f"!curl -u me:{B} https://host.org", B),
    "sshpass": (f"!sshpass -p {B} ssh me@host", B),
    "netrc": (f"machine host.org login me password {B}", B),
    "several lines": (f'secret = """{A}\n{B}"""', B),
    "in two pieces": (f'secret = ("{A}"\n          "{B}")', B),
    "with spaces": ('passphrase = "correct horse battery staple"', "horse"),
    "bytes": (f'SECRET_KEY = b"{A}"', A),
    "in a diff": (f'-db_password = "{B}"\n+db_password = "{B}2"', B),
    "in a comment": (f"# password: {B}", B),
    "escaped quote": (f'password = "a\\"{B}"', B),
    "Fernet": (f'Fernet(b"{A}=")', A),
}
INNOCENT = [
    'class Token:\n    """A piece of a text."""',
    'class ApiKey(str):\n    "What opens the door."',
    "token = tokenizer(text)",
    "token = os.environ['HF_TOKEN']",
    'token = os.environ.get("HF_TOKEN")',
    "password = getpass.getpass()",
    "password = getpass('Password: ')",
    f"git checkout {HEX}",
    f'revision="{HEX}"',
    f'commit = "{HEX}"',
    f"sha256: {HEX}{HEX[:24]}",
    'tokenizer.add_special_tokens({"pad_token": "[PAD]", "eos_token": "</s>"})',
    'model = AutoModel.from_pretrained("bert-base-uncased", token=token)',
    "max_tokens = 1024",
    "def login(user, password): ...",
    "def f(token: str, secret: bytes | None = None) -> str: ...",
    'df.sort_values("key", key=str.lower)',
    'author = "Ada Lovelace"',
    "headers = {'Authorization': f'Bearer {token}'}",
    "https://example.org/data/train.csv?version=2&part=1",
    "git clone git@github.com:someone/repo.git",
    "ssh://git@host.org/repo.git",
    "@dataclass\nclass Token:\n    kind: str",
    'parser.add_argument("--password-file", help="where the password lies")',
    "python train.py --token-file /run/token --lr 0.1 --batch-size 64",
    "if password == expected: pass",
    'assert token != "the"',
    "for token in tokens: counts[token] += 1",
    'lab.add("city", veml.read("my-images/"))',
    'run = veml.train(veml.plan(detector, city, name="city detector", epochs=1, lr=2e-3))',
    "x = np.array([1, 2, 3])  # a basic example",
    "import secrets; secrets.token_hex(16)",
    "password=None, token=True",
    "keys = list(state_dict); key = keys[0]",
    "tokens_per_second: 1024",
    'tag = "v1.2.3"; name = "secretary"; city = "Passau"',
    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
    "monkey = 'business'; donkey = \"kong\"; keyboard = 'qwerty12345'",
]


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_taken_out(name):
    text, part = SECRETS[name]
    assert part in text
    clean, n = masked(text)
    assert part not in clean and MASK in clean and n >= 1


@pytest.mark.parametrize("name", SECRETS)
def test_what_stands_around_a_secret_stays(name):
    text, _ = SECRETS[name]
    before, after = "x = compute(rows, 3)\n", "\ny = model.fit(x, epochs=4)\n"
    clean, n = masked(before + text + after)
    assert clean.startswith(before) and "model.fit(x, epochs=4)" in clean and n == masked(text)[1]


@pytest.mark.parametrize("name", SECRETS)
def test_a_text_without_secrets_is_left_as_it_is(name):
    clean, _ = masked(SECRETS[name][0])
    assert masked(clean) == (clean, 0)


@pytest.mark.parametrize("text", INNOCENT)
def test_what_is_no_secret_stays(text):
    assert masked(text) == (text, 0)


def test_our_own_code_is_hardly_touched():
    """A thousand lines of somebody's code without a secret in it."""
    from pathlib import Path

    import veml_lab

    home = Path(veml_lab.__file__).parent
    touched = [p.name for p in sorted(home.rglob("*.py")) if masked(p.read_text())[1]]
    assert touched == ["secrets.py", "call.py"]  # both have examples of what is taken out


def test_a_command_line_is_taken_word_by_word():
    words = ["train.py", "--password", B, f"--api-key={A}", "--lr", "0.1", "--token", "--verbose", f"https://a:{B}@h/x"]
    clean, n = masked_words(words)
    assert clean == [
        "train.py", "--password", MASK, f"--api-key={MASK}", "--lr", "0.1", "--token", "--verbose", f"https://a:{MASK}@h/x"
    ]  # fmt: skip
    assert n == 3


def test_names_of_secrets():
    assert all(map(is_secret, ["HF_TOKEN", "apiKey", "db_password", "AWS_SECRET_ACCESS_KEY", "SSH_PASSPHRASE"]))
    assert not any(map(is_secret, ["OMP_NUM_THREADS", "PYTHONHASHSEED", "pad_token", "tokenizer", "author", "monkey"]))


@pytest.mark.parametrize(
    "piece",
    [
        "password ",
        "a_",
        "a-",
        "curl ",
        "login(",
        "--token ",
        "https://a:",
        '"',
        "-----BEGIN PRIVATE KEY-----\n",
        "x" * 50,
    ],
)
def test_a_long_text_comes_to_its_end(piece):
    """Texts that could make a rule begin again at every character: with the square of the length it would take
    hours."""
    text = (piece * 300_000)[:300_000]
    clean, n = masked(text)
    assert len(clean) <= len(text) + len(MASK) * n
