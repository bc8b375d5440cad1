"""Pages of the site that lie outside docs/, and links of pages to files outside it.

The README is the site's first page. Files that a page links to, like those of deploy/, are part of
the site, since its reader may have nothing else; a link to a folder is its name.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Final

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT: Final = Path(__file__).parents[2]
PAGES: Final = {
    "index.md": "README.md",
    "contributing.md": "CONTRIBUTING.md",
    "changelog.md": "CHANGELOG.md",
    "security.md": "SECURITY.md",
}
_LINK: Final = re.compile(r"(!?)\[([^\]]*)\]\((?!\w+:|#)([^)#\s]+)(#[^)\s]*)?\)")
_IMAGE: Final = re.compile(r'(?<=src="|set=")(?!\w+:)([^"]+)')
_CODE: Final = re.compile(r"(^ *```.*?^ *```|`[^`\n]+`(?!\]))", re.MULTILINE | re.DOTALL)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages, and the files that pages link to."""
    for page, source in PAGES.items():
        if (ROOT / source).is_file():
            text = (ROOT / source).read_text(encoding="utf-8")
            files.append(File.generated(config, page, content=text))
    for page in list(files.documentation_pages()):
        for _, _, target, _ in _LINK.findall(page.content_string):
            path = _in_repository(page.src_uri, target)
            published = _published(path)
            if published.startswith("files/") and published not in files.src_uris:
                files.append(File.generated(config, published, abs_src_path=str(ROOT / path)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Point links to where the site has their targets."""
    here = page.file.src_uri

    def link(found: re.Match[str]) -> str:
        mark, text, target, anchor = found.groups(default="")
        path = _in_repository(here, target)
        if (ROOT / path).is_dir():
            return text
        return f"{mark}[{text}]({_relative(here, path)}{anchor})"

    parts = _CODE.split(markdown)
    parts[::2] = [
        _IMAGE.sub(
            lambda found: _relative(here, _in_repository(here, found[1])), _LINK.sub(link, one)
        )
        for one in parts[::2]
    ]
    return "".join(parts)


def _in_repository(page: str, target: str) -> str:
    """The path of a link's target, from the root of the repository."""
    source = PAGES.get(page, f"docs/{page}")
    return posixpath.normpath(posixpath.join(posixpath.dirname(source), target))


def _published(path: str) -> str:
    """Where the site has a file of the repository."""
    for page, source in PAGES.items():
        if path == source:
            return page
    if path.startswith("docs/"):
        return path.removeprefix("docs/")
    if path.startswith("notebooks/"):
        return str(Path(path).with_suffix(".html"))
    return f"files/{path}" if (ROOT / path).is_file() else path


def _relative(page: str, path: str) -> str:
    return posixpath.relpath(_published(path), posixpath.dirname(page) or ".")
