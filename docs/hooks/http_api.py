"""The page on the HTTP API, written from openapi.yaml."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

SOURCE: Final = Path(__file__).parents[1] / "openapi.yaml"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the page."""
    api = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))
    content = "\n".join(_page(api)) + "\n"
    files.append(File.generated(config, "http-api.md", content=content))
    return files


def _page(api: Mapping[str, Any]) -> Iterator[str]:
    yield f"# {api['info']['title']}\n"
    yield f"{api['info'].get('description', '')}\n"
    yield "As a file for other programs: [openapi.yaml](openapi.yaml).\n"
    for path, operations in api["paths"].items():
        yield f"## `{path}`\n"
        for method, operation in operations.items():
            if method in {"get", "post", "put", "delete", "head"}:
                yield from _operation(api, method, operation)


def _operation(api: Mapping[str, Any], method: str, operation: Mapping[str, Any]) -> Iterator[str]:
    yield f"### {method.upper()}: {operation['summary']}\n"
    if text := operation.get("description"):
        yield f"{text}\n"
    parameters = [_resolved(api, one) for one in operation.get("parameters", ())]
    if parameters:
        yield "| parameter | in | meaning |\n|---|---|---|"
        for one in parameters:
            yield f"| `{one['name']}` | {one['in']} | {_meaning(one)} |"
        yield ""
    content = _resolved(api, operation.get("requestBody", {})).get("content", {})
    for kind, body in content.items():
        properties = _properties(api, body.get("schema", {}))
        yield f"Body `{kind}`: {', '.join(f'`{name}`' for name in properties) or 'any'}.\n"
    yield "| answer | when |\n|---|---|"
    for code, answer in operation["responses"].items():
        yield f"| {code} | {_cell(_resolved(api, answer)['description'])} |"
    yield ""


def _properties(api: Mapping[str, Any], schema: Mapping[str, Any]) -> list[str]:
    schema = _resolved(api, schema)
    parts = [*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())]
    nested = [name for one in parts for name in _properties(api, one)]
    return list(dict.fromkeys([*schema.get("properties", {}), *nested]))


def _resolved(api: Mapping[str, Any], value: Mapping[str, Any]) -> Mapping[str, Any]:
    """The value that a ``$ref`` refers to."""
    while "$ref" in value:
        found: Any = api
        for key in value["$ref"].removeprefix("#/").split("/"):
            found = found[key]
        value = found
    return value


def _meaning(parameter: Mapping[str, Any]) -> str:
    """The description of a parameter, or an example of it."""
    examples = [*parameter.get("schema", {}).get("examples", ()), parameter.get("example")]
    example = f"like `{examples[0]}`" if examples[0] is not None else ""
    return _cell(parameter.get("description", example))


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
