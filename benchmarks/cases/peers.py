"""The same work by others: `python -m benchmarks.run peers VAULTS PEERS [--only links,chroma,qmd]`.

VAULTS is a folder of vaults, indexed whole for qmd; `--links` and `--chroma` name the vaults below it, as NAME for a
whole one or NAME:COUNT for a sample. PEERS is the folder where `benchmarks/peers/setup.sh` installed them.
Peer and vaultc run on the same copy of the same notes, one after the other, each in processes of its own.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.measure import Cost, copy_vault, median_cost, sample_vault, work_folder
from benchmarks.peer_runs import Peers
from benchmarks.record import record
from benchmarks.show import print_table, short
from benchmarks.tool import Tool

if TYPE_CHECKING:
    from benchmarks.measure import Done

PARTS = ("links", "chroma", "qmd")
_LINKS = "selogaz-vault,obsidian-hub:600,yoshixi-zettelkasten:600"
_CHROMA = "selogaz-vault,yoshixi-zettelkasten:4000"


def run(arguments: list[str]) -> None:
    """Measure and record."""
    parser = argparse.ArgumentParser(prog="peers", description=__doc__)
    parser.add_argument("vaults", type=Path)
    parser.add_argument("peers", type=Path)
    parser.add_argument("--only", default=",".join(PARTS))
    parser.add_argument("--links", default=_LINKS)
    parser.add_argument("--chroma", default=_CHROMA)
    options = parser.parse_args(arguments)
    wanted = options.only.split(",")
    for part, names in (("links", options.links), ("chroma", options.chroma), ("qmd", "")):
        for name in names.split(",") if part in wanted else ():
            with work_folder() as place:
                vault = _vault(options.vaults.resolve(), name, place / "vault")
                tool = Tool(vault, place / "home")
                peers = Peers(options.peers, place / "peer-home")
                compared = {"links": links, "chroma": chroma, "qmd": qmd}[part](tool, peers, place)
                label = name or options.vaults.resolve().name
                for result in compared:
                    line = {"pair": f"{result['peer']} {result['work']} {label}", "vault": label, **result}
                    show(line)
                    record("peers", line)


def _vault(vaults: Path, name: str, target: Path) -> Path:
    name, _, count = name.partition(":")
    source = vaults / name if name else vaults
    if count:
        return sample_vault(source, target, int(count))
    # Peers know nothing of Obsidian's excluded files: without its settings, all read the same notes.
    return copy_vault(source, target, without=(".obsidian",))


def links(tool: Tool, peers: Peers, _: Path) -> list[dict[str, Any]]:
    """Compare the links of a vault: obsidiantools gathers them, vaultc indexes them and the words too."""
    version = peers.version("obsidiantools", "obsidiantools")
    ours = tool.index(vectors=False)
    tool.forget_index()
    theirs = peers.script("obsidiantools", "run_obsidiantools.py", tool.vault)
    said = {"notes": ours.stats["notes"], "peer_says": theirs.answer, "failed": theirs.failed}
    return [_pair(f"obsidiantools {version}", "links", tool, ours.cost, theirs.cost, said)]


def chroma(tool: Tool, peers: Peers, place: Path) -> list[dict[str, Any]]:
    """Compare a vault brought into Chroma with given vectors, that cost neither side anything.

    Beside it stands what vaultc costs with its own embedder (fitting it on the vault, and making the vectors), and
    what Chroma alone costs for as many vectors, which is in all of them.
    """
    whole = tool.index()
    vectors = place / "vectors.npy"
    matrix = tool.script("export_vectors", str(tool.vault), str(vectors)).answer
    tool.forget_index()
    ours = tool.script("index_given", str(tool.vault), str(vectors))
    tool.forget_index()
    alone = tool.script("chroma_alone", str(vectors), str(place / "chroma"))
    results = []
    for name, package in (("llamaindex", "llama-index-core"), ("langchain", "langchain-community")):
        ran = peers.script(name, f"run_{name}.py", tool.vault, vectors, place / f"{name}-chroma")
        said = {
            "notes": ours.stats["notes"],
            "chunks": ours.stats["chunks"],
            "dimensions": matrix["dimensions"],
            "making_vectors_too": whole.cost.as_json(),
            "chroma_alone": alone.cost.as_json(),
            "peer_says": ran.answer,
            "failed": ran.failed,
        }
        label = f"{package} {peers.version(name, package)}"
        results.append(_pair(label, "into Chroma", tool, ours.cost, ran.cost, said))
    return results


def qmd(tool: Tool, peers: Peers, _: Path) -> list[dict[str, Any]]:
    """Compare search by words: index, an update with nothing to do, a search in a process of its own."""
    words = ("насос не включается", "как учить слова", "graph theory", "daily notes plugin", "связанные заметки")
    ours = tool.index(vectors=False)
    said = {"notes": ours.stats["notes"]}
    our_idle = median_cost([tool.index(vectors=False).cost for _ in range(3)])
    our_search = median_cost([tool.search(query, lexical=True, vectors=False).cost for query in words])
    tool.forget_index()
    label = f"qmd {peers.version('qmd', '@tobilu/qmd')}"
    first = peers.qmd("collection", "add", str(tool.vault), "--name", "notes")
    said["peer_says"] = _indexed(first)
    idle = median_cost([peers.qmd("update").cost for _ in range(3)])
    search = median_cost([peers.qmd("search", query, "-n", "10", "--json").cost for query in words])
    return [
        _pair(label, "index by words", tool, ours.cost, first.cost, said),
        _pair(label, "nothing to do", tool, our_idle, idle, said),
        _pair(label, "search by words", tool, our_search, search, said),
    ]


def _indexed(done: Done) -> str:
    return next((line for line in done.out.splitlines() if line.startswith("Indexed")), "")


def _pair(peer: str, work: str, tool: Tool, ours: Cost, theirs: Cost, said: dict[str, Any]) -> dict[str, Any]:
    return {
        "peer": peer,
        "work": work,
        "base": peer,
        "offline": bool(tool.prefix),
        **said,
        "peer_cost": theirs.as_json(),
        "cost": ours.as_json(),
        # A peer that failed half way was fast at nothing.
        "ratios": {}
        if said.get("failed")
        else {
            "times_faster_wall": round(theirs.wall / ours.wall, 2),
            "times_less_cpu": round(theirs.cpu / ours.cpu, 2),
            "times_less_memory": round(theirs.rss_mb / ours.rss_mb, 2),
        },
    }


def show(result: dict[str, Any]) -> None:
    """Print a table."""
    rows = [
        (name, short(cost["wall"]), short(cost["cpu"]), short(cost["rss_mb"]), short(cost["tree_mb"]))
        for name, cost in (
            (result["peer"], result["peer_cost"]),
            ("vaultc", result["cost"]),
            ("vaultc, making the vectors too", result.get("making_vectors_too")),
            ("Chroma alone", result.get("chroma_alone")),
        )
        if cost
    ]
    title = f"{result['work']}, {result['vault']}, {result['notes']} notes"
    print_table(title, ("", "wall s", "CPU s", "MB, largest", "MB, all"), rows)
    print(f"  {result['peer']} says: {result['peer_says']}")
    if result.get("failed"):
        print(f"  it FAILED: {result['failed']}")
    else:
        times = result["ratios"]
        print(f"  vaultc: {times['times_faster_wall']} times as fast, by CPU {times['times_less_cpu']} times")
