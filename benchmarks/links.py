"""Run labelled cases of links, tags and properties through the reader, and print what comes out otherwise.

    python -m benchmarks.links FOLDER [--decisions docs/design/006-link-decisions.md]

FOLDER holds link_cases.jsonl {id, files: {path: text}, from, link, expected: {path, heading, block} or null, is_link,
evidence, note} and meta_cases.jsonl {id, content, expected: {tags, properties, body, …}, evidence, note}. A case whose
evidence is "inferred" is a decision of ours: it is counted by itself, and the page of decisions must name its id.
Exit code 1 where a case with evidence fails or a decision is not named.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from vaultc.core.link import Link, ResolvedLink, Unresolved
from vaultc.core.source import Source, VaultPath, vault_path
from vaultc.syntax.parse import parse_note
from vaultc.syntax.wikilink import size_of
from vaultc.vault.reader import VaultReader


def link_faults(case: dict[str, Any]) -> list[str]:
    """Give what is wrong with how the case's link is read."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        written = case["link"].strip().split("\n")[0]
        for path, text in case["files"].items():
            if path == case["from"] and case["is_link"] and written not in text:
                text = f"{text}\n{written}\n"
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(text.encode())
        aliases: dict[VaultPath, tuple[str, ...]] = {}
        reader = VaultReader(root, aliases=lambda: aliases)
        for path in reader.paths():
            aliases[path] = reader.read(path).note.aliases
        parsed = reader.read(vault_path(case["from"]))
        # Of brackets in brackets only the inner ones are a link.
        links = [link for link in parsed.note.links if parsed.source.slice(link.span) in written]
        found = [reader.resolve(link, parsed.note.path) for link in links]
        return [*_count_faults(case, links), *(fault for one in found for fault in _found_faults(case, one, reader))]


def _count_faults(case: dict[str, Any], links: list[Link]) -> list[str]:
    wanted = case.get("count", 1) if case["is_link"] else 0
    return [] if len(links) == wanted else [f"{len(links)} links, expected {wanted}"]


def _found_faults(case: dict[str, Any], found: ResolvedLink | Unresolved, reader: VaultReader) -> list[str]:
    want, link = case["expected"], found.link
    if isinstance(found, Unresolved):
        got: dict[str, Any] = {"expected": None, "alias_candidate": next(iter(found.alias_candidates), None)}
    else:
        got = {"expected": {"path": found.path, "heading": found.heading, "block": found.block}}
        got["fragment_missing"] = ("#".join(link.headings) or f"^{link.block}") if found.missing else None
    got |= {"embed": link.is_embed, "display": link.alias, "size": size_of(link.alias or "")}
    keys = {"expected", *(case.keys() & {"alias_candidate", "fragment_missing", "embed", "display", "size"})}
    wanted = {key: case.get(key) for key in keys}
    wanted["expected"] = None if want is None else {key: want[key] for key in ("path", "heading", "block")}
    if wanted.get("size"):
        wanted["size"] = tuple(wanted["size"])
    faults = [f"{key}: {got.get(key)!r}, expected {value!r}" for key, value in wanted.items() if got.get(key) != value]
    if want is not None and "line" in want and isinstance(found, ResolvedLink):
        faults += _line_faults(want, link, reader.read(found.path).source, reader, found.path)
    return faults


def _line_faults(want: dict[str, Any], link: Link, source: Source, reader: VaultReader, path: VaultPath) -> list[str]:
    from vaultc.vault.resolve import find_heading

    heading = find_heading(link.headings, reader.read(path).note.headings)
    line = None if heading is None else source.line_col(heading.span.start)[0] - 1
    return [] if line == want["line"] else [f"line {line}, expected {want['line']}"]


def meta_faults(case: dict[str, Any]) -> list[str]:
    """Give what is wrong with how the tags and properties of the case's note are read."""
    note, diagnostics = parse_note(Source(VaultPath("n.md"), case["content"]))
    want = case["expected"]
    tags = list(dict.fromkeys(tag.name for tag in note.tags))
    got: dict[str, Any] = {
        "tags": tags,
        "tags_folded": sorted({tag.casefold() for tag in tags}),
        "properties": {item.key: item.value for item in note.properties},
        "body": case["content"][note.body.start : note.body.end],
        "error": bool(diagnostics),
    }
    wanted = {key: value for key, value in want.items() if key in got}
    if "properties" in wanted and wanted["properties"] is None:
        wanted["properties"] = {}
    return [f"{key}: {got[key]!r}, expected {value!r}" for key, value in wanted.items() if got[key] != value]


def main() -> int:
    """Run all cases; print failures and counts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--decisions", type=Path, default=Path(__file__).parents[1] / "docs/design/006-link-decisions.md"
    )
    options = parser.parse_args()
    page = options.decisions.read_text("utf-8") if options.decisions.is_file() else ""
    counts: Counter[str] = Counter()
    for name, faults_of in (("link_cases.jsonl", link_faults), ("meta_cases.jsonl", meta_faults)):
        for line in (options.folder / name).read_text("utf-8").splitlines():
            case = json.loads(line)
            is_ours = case["evidence"].startswith("inferred")
            kind = "inferred" if is_ours else "with evidence"
            faults = faults_of(case)
            counts[f"{kind}: {'differ' if faults else 'agree'}"] += 1
            for fault in faults:
                print(f"{case['id']} ({kind}): {fault} -- {case['note']}")
            if is_ours and f"`{case['id']}`" not in page:
                counts["decisions not named"] += 1
                print(f"{case['id']}: not named in {options.decisions.name}")
    for label, number in sorted(counts.items()):
        print(f"{number:4} {label}")
    return int(bool(counts["with evidence: differ"] or counts["decisions not named"]))


if __name__ == "__main__":
    sys.exit(main())
