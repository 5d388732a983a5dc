"""Measure search on labelled collections: nDCG@10 and recall for words, vectors and both.

    python benchmarks/retrieval.py FOLDER... [--model FILE.gguf] [--results benchmarks/results/retrieval.jsonl]

A collection is a folder with docs.jsonl {id, title, text}, queries.jsonl {id, text, exclude?} and qrels.tsv
(query, doc, grade). It is written out as a vault, indexed, and searched; a document counts as found at the rank
of its best passage. `vector` is the fused search with all weight on the vector leg. With `--model`, the hybrid is
measured as well with the vectors of that model, and as its admission lets them in.
"""

from __future__ import annotations

import argparse
import json
import math
import platform
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vaultc.core.event import silent
from vaultc.disk.state import open_state
from vaultc.index.catalog import Catalog, open_catalog
from vaultc.index.job import IndexJob, IndexOptions, IndexStats
from vaultc.model.process.embedder import GgufEmbedder
from vaultc.retrieve.admission import AdmittedEmbedder, try_embedder
from vaultc.retrieve.fuse import Weights
from vaultc.retrieve.search import Searcher, SearchOptions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vaultc.model.protocols import Embedder

Grades = dict[str, dict[str, float]]
LEGS = {
    "lexical": Weights(1.0, 0.0),
    "vector": Weights(0.0, 1.0),
    "hybrid": Weights(),
}
GRAPH = {"hybrid+graph": Weights(graph=0.2)}
TOP = 100


def read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def read_grades(path: Path) -> Grades:
    grades: Grades = {}
    for line in path.read_text("utf-8").splitlines():
        parts = line.split("\t")
        if len(parts) >= 3 and _is_number(parts[-1]):
            grades.setdefault(parts[0], {})[parts[-2]] = float(parts[-1])
    return grades


def _is_number(text: str) -> bool:
    return text.strip().lstrip("-").replace(".", "", 1).isdigit()


def write_vault(docs: Sequence[Mapping[str, Any]], links: Sequence[tuple[str, str]], root: Path) -> dict[str, str]:
    """Write each document as a note named by its title; give the document of each path."""
    outgoing: dict[str, list[str]] = {}
    for source, target in links:
        outgoing.setdefault(source, []).append(target)
    files: dict[str, str] = {}
    for number, doc in enumerate(docs):
        title = " ".join(str(doc.get("title") or "").split())
        name = "".join(letter for letter in title if letter.isalnum() or letter in " -_,()'")[:80].strip() or "note"
        files[str(doc["id"])] = f"{number:06d}/{name}.md"
    for doc in docs:
        names = " ".join(f"[[{files[other]}|→]]" for other in outgoing.get(str(doc["id"]), ()) if other in files)
        title = str(doc.get("title") or "").replace("\n", " ").strip()
        head = f"# {title}\n\n" if title else ""
        path = root / files[str(doc["id"])]
        path.parent.mkdir()
        path.write_text(f"{head}{doc['text']}\n\n{names}\n", "utf-8")
    return {path: name for name, path in files.items()}


def ndcg(found: Sequence[str], wanted: Mapping[str, float], at: int = 10) -> float:
    gain = sum((2 ** wanted.get(doc, 0.0) - 1) / math.log2(rank + 1) for rank, doc in enumerate(found[:at], 1))
    best = sorted((grade for grade in wanted.values() if grade > 0), reverse=True)[:at]
    ideal = sum((2**grade - 1) / math.log2(rank + 1) for rank, grade in enumerate(best, 1))
    return gain / ideal if ideal else 0.0


def recall(found: Sequence[str], wanted: Mapping[str, float], at: int) -> float:
    right = {doc for doc, grade in wanted.items() if grade > 0}
    return len(right & set(found[:at])) / len(right) if right else 0.0


def ranked_docs(
    searcher: Searcher, query: Mapping[str, Any], docs: Mapping[str, str], *, lexical_only: bool
) -> list[str]:
    excluded = query.get("exclude") or ()
    left_out = {str(excluded)} if isinstance(excluded, str) else {str(doc) for doc in excluded}
    passages = searcher.search(str(query["text"]), limit=3 * TOP, lexical_only=lexical_only)
    found = dict.fromkeys(docs[passage.chunk.span.path] for passage in passages)
    return [doc for doc in found if doc not in left_out][:TOP]


def measure(
    catalog: Catalog,
    queries: Sequence[Mapping[str, Any]],
    grades: Grades,
    docs: Mapping[str, str],
    legs: Mapping[str, Weights],
    embedder: Embedder | None = None,
) -> dict[str, dict[str, float]]:
    asked = [query for query in queries if str(query["id"]) in grades]
    table: dict[str, dict[str, float]] = {}
    for leg, weights in legs.items():
        searcher = Searcher(catalog, embedder=embedder, options=SearchOptions(weights=weights))
        scores: list[tuple[float, float, float]] = []
        times: list[float] = []
        for query in asked:
            start = time.perf_counter()
            found = ranked_docs(searcher, query, docs, lexical_only=leg == "lexical")
            times.append(time.perf_counter() - start)
            wanted = grades[str(query["id"])]
            scores.append((ndcg(found, wanted), recall(found, wanted, 10), recall(found, wanted, TOP)))
        mean = [sum(column) / max(len(scores), 1) for column in zip(*scores, strict=True)]
        times.sort()
        table[leg] = {
            "ndcg@10": round(mean[0], 4),
            "recall@10": round(mean[1], 4),
            "recall@100": round(mean[2], 4),
            "query_p95_ms": round(1000 * times[int(0.95 * (len(times) - 1))], 1),
        }
    return table


def run(folder: Path, *, with_links: bool = False, model: Path | None = None) -> dict[str, Any]:
    docs = read_lines(folder / "docs.jsonl")
    links_file = folder / "links.tsv"
    lines = links_file.read_text("utf-8").splitlines() if with_links and links_file.exists() else []
    links = [(parts[0], parts[1]) for parts in (line.split("\t") for line in lines) if len(parts) >= 2]
    legs = LEGS | GRAPH if links else LEGS
    said: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as place:
        root = Path(place) / "vault"
        root.mkdir()
        paths = write_vault(docs, links, root)
        state = open_state(root)
        stats: IndexStats = IndexJob(root, state, options=IndexOptions(vector_store=False)).run().stats
        queries, grades = read_lines(folder / "queries.jsonl"), read_grades(folder / "qrels.tsv")
        with open_catalog(state.catalog) as catalog:
            table = measure(catalog, queries, grades, paths, legs)
        if model is not None:
            with GgufEmbedder(model) as embedder:
                with open_catalog(state.catalog) as catalog:
                    admission = try_embedder(catalog, embedder, silent)
                said = {
                    "case": "retrieval-model",
                    "model": embedder.spec.name,
                    "admission": admission.lines(embedder.spec.name),
                }
                used: dict[str, Embedder] = {"model": embedder}
                if admission.languages:
                    used["admitted"] = AdmittedEmbedder(embedder, admission.languages)
                else:
                    table["admitted hybrid"] = table["hybrid"]  # the vault's own stays
                for name, one in used.items():
                    IndexJob(root, state, options=IndexOptions(vector_store=False), embedder=one).run()
                    with open_catalog(state.catalog) as catalog:
                        found = measure(catalog, queries, grades, paths, {"hybrid": Weights()}, one)
                    table[f"{name} hybrid"] = found["hybrid"]
    return {
        "case": "retrieval",
        **said,
        "collection": folder.name,
        "docs": len(docs),
        "chunks": stats.chunks,
        "index_s": stats.seconds,
        "legs": table,
        "commit": _commit(),
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
    }


def _commit() -> str:
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--results", type=Path, help="default: the case's file in benchmarks/results")
    parser.add_argument("--links", action="store_true", help="write links.tsv into the notes, measure the graph leg")
    parser.add_argument("--model", type=Path, help="a GGUF that embeds")
    parser.add_argument("--no-results", action="store_true", help="print only")
    options = parser.parse_args()
    for folder in options.folders:
        result = run(folder, with_links=options.links, model=options.model)
        print(f"{result['collection']}: {result['docs']} docs, {result['chunks']} chunks, {result['index_s']} s")
        for line in result.get("admission", ()):
            print(f"  {line}")
        for leg, row in result["legs"].items():
            print(f"  {leg:15}", "  ".join(f"{key} {value}" for key, value in row.items()), flush=True)
        if not options.no_results:
            results = options.results or Path(__file__).parent / "results" / f"{result['case']}.jsonl"
            results.parent.mkdir(parents=True, exist_ok=True)
            with results.open("a", encoding="utf-8") as file:
                file.write(json.dumps(result, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
