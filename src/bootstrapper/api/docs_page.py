"""The API's own documentation page: plain HTML from the OpenAPI description. Pure."""

import json
from html import escape
from typing import Any

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}
h2{margin-top:2.5rem;border-bottom:1px solid #ddd}details{margin:.4rem 0;border:1px solid #ddd;
border-radius:6px;padding:.4rem .8rem}summary{cursor:pointer}code,pre{background:#f5f5f7;
border-radius:4px}pre{padding:.6rem;overflow:auto}b{display:inline-block;min-width:4.2rem;
font:600 .85rem monospace}table{border-collapse:collapse}td{padding:.15rem .8rem .15rem 0;
vertical-align:top}.GET{color:#0a6}.POST{color:#06c}.PUT{color:#a60}.DELETE{color:#c22}
@media(prefers-color-scheme:dark){body{background:#16181d;color:#ddd}code,pre{background:#23262d}
details,h2{border-color:#3a3e47}a{color:#7ab7ff}}
"""


def docs_page(description: dict[str, Any]) -> str:
    info = description["info"]
    groups: dict[str, list[str]] = {}
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            tag = operation["tags"][0]
            groups.setdefault(tag, []).append(_operation(path, method.upper(), operation))
    body = "".join(f"<h2>{escape(tag)}</h2>{''.join(parts)}" for tag, parts in groups.items())
    return (
        "<!doctype html><html lang=en><meta charset=utf-8>"
        f"<title>{escape(info['title'])} API</title>"
        f"<meta name=viewport content='width=device-width'><style>{_STYLE}</style>"
        f"<h1>{escape(info['title'])} API {escape(info['version'])}</h1>"
        f"<p>{escape(info['description'])} The machine's version: "
        f"<a href=/openapi.json>openapi.json</a>. Send <code>Authorization: Bearer …</code>; "
        f"errors are problem details (RFC 9457).</p>{body}</html>"
    )


def _operation(path: str, method: str, operation: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(each['name'])}</code><td>{escape(each['in'])}"
        f"<td>{escape(each.get('description', ''))}"
        for each in operation.get("parameters", ())
    )
    body = "".join(
        f"<p>Body, {escape(media)}:</p><pre>"
        f"{escape(json.dumps(content.get('example', content['schema']), indent=1))}</pre>"
        for media, content in operation.get("requestBody", {}).get("content", {}).items()
    )
    return (
        f"<details id={escape(operation['operationId'])}><summary><b class={method}>{method}</b> "
        f"<code>{escape(path)}</code> {escape(operation['summary'])}</summary>"
        f"<p>{escape(operation.get('description', ''))}</p><table>{rows}</table>{body}</details>"
    )
