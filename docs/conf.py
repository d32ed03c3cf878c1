"""The site of guides and API reference: `make docs` builds it into artefacts/docs. Nothing is fetched while it is built."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

project = "VeML-Lab"
author = "the VeML-Lab developers"
release = metadata.version("veml-lab")
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "VeML-Lab"
html_static_path: list[str] = []
html_show_sourcelink = False
myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence"]
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
napoleon_google_docstring = False
napoleon_custom_sections = [("Source", "notes_style")]
nitpicky = False
# A docstring may name what has no page of its own; a link of a guide that leads nowhere is an error (make docs runs -W).
suppress_warnings = ["ref.python", "ref.ref", "docutils"]


HERE = Path(__file__).resolve().parent
ABOVE = {"readme": "README.md", "contributing": "CONTRIBUTING.md", "changelog": "CHANGELOG.md", "security": "SECURITY.md"}


def place_links(app, docname: str, source: list[str]) -> None:
    """Pages that lie above docs/ become pages of the site; links to files that have no page become text that names the file."""
    at = HERE / docname
    if docname in ABOVE:
        at = HERE.parent / ABOVE[docname]
        source[0] = at.read_text()
    pages = {name: page for page, name in ABOVE.items()}

    def placed(match: re.Match[str]) -> str:
        target = (at.parent / match["target"]).resolve()
        if not target.exists():
            return match[0]  # left as it is: the build then says that it leads nowhere
        up = "../" * docname.count("/")
        if target.parent == HERE.parent and target.name in pages:
            to = f"{up}{pages[target.name]}.md"
        elif target.is_relative_to(HERE):
            to = up + str(target.relative_to(HERE)) + ("/index.md" if (target / "index.md").exists() else "")
            to += "/README.md" if (target / "README.md").exists() else ""
        else:
            return f"{match['text']} (`{match['target']}`)"
        return f"{match['mark']}[{match['text']}]({to}{match['anchor'] or ''})"

    link = r"(?P<mark>!?)\[(?P<text>[^\]]*)\]\((?P<target>(?!https?:|#|mailto:)[^)#\s]+)(?P<anchor>#[^)\s]+)?\)"
    source[0] = re.sub(link, placed, source[0])


def setup(app) -> None:
    app.connect("source-read", place_links)
