"""The evidence pack as one HTML file: no script, nothing fetched, the same words as its Markdown. Pure.

markdown-it renders it: the CommonMark parser that Jupyter and MyST are built on, with raw HTML, links
and images turned off, so that nothing of a repository becomes markup even where an escape were missing.
"""

from __future__ import annotations

from html import escape
from typing import Any, Final

from markdown_it import MarkdownIt

_STYLE: Final = """
:root { color-scheme: light dark; --text: #1f2328; --page: #fff; --line: #d0d7de; --code: #f6f8fa;
  --added: #dafbe1; --removed: #ffebe9; }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --page: #0d1117; --line: #30363d;
  --code: #161b22; --added: #12361f; --removed: #44181b; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--page);
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2 { line-height: 1.25; border-bottom: 1px solid var(--line); padding-bottom: .3rem; }
h2 { margin-top: 2rem; }
code, pre { font: 13px/1.45 ui-monospace, monospace; background: var(--code); border-radius: 4px; }
code { padding: .1rem .3rem; overflow-wrap: anywhere; }
pre { padding: .75rem; overflow-x: auto; }
pre code { padding: 0; background: none; overflow-wrap: normal; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { border: 1px solid var(--line); padding: .3rem .6rem; text-align: left; vertical-align: top; }
.added { background: var(--added); } .removed { background: var(--removed); }
.added, .removed { display: block; }
"""
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_OFF: Final = ["image", "link", "autolink", "reference", "html_inline", "html_block", "entity"]


def to_html(markdown: str, title: str) -> str:
    """A page of its own from the Markdown of :func:`core.proof.markdown.to_markdown`."""
    parser = (
        MarkdownIt("commonmark", {"html": False, "highlight": _coloured}).enable("table").disable(_OFF)
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"{parser.render(markdown)}</body>\n</html>\n"
    )


def _coloured(text: str, language: str, _attributes: Any) -> str:
    """The inside of a block of code, escaped; a diff with its lines marked."""
    if language != "diff":
        return escape(text)
    return "".join(_line(line) for line in text.splitlines(keepends=True))


def _line(line: str) -> str:
    if line.startswith(("+++", "---")) or line[:1] not in ("+", "-"):
        return escape(line)
    look = "added" if line.startswith("+") else "removed"
    # The block ends the line itself.
    return f'<span class="{look}">{escape(line.rstrip(chr(10)))}</span>'
