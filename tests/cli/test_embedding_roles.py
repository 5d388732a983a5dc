"""The roles `embedder` and `reranker`, with made models: tried, obeyed, and loaded only where they are needed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from fakes import write_vault
from model.fake_servers import Fake, serving
from model.made_bert import bert_gguf, made_bert

from vaultc.app.indexing import index_vault
from vaultc.app.searching import search_vault
from vaultc.app.serving import ServedVault
from vaultc.core.errors import ModelError, UsageError
from vaultc.disk.state import open_state
from vaultc.index.catalog import Catalog, open_catalog
from vaultc.model.process.embedder import GgufEmbedder, GgufReranker
from vaultc.retrieve.admission import SETTING
from vaultc.retrieve.search import fitted_embedder

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.native

WORDS = ("pump", "valve", "garden", "river", "window", "engine", "bread", "music", "winter", "letter", "bridge", "lamp")
NOTES = {
    f"{first} {second}.md": f"The {first} stands by the {second}. A {second} holds the {first} of house {number}."
    for number, (first, second) in enumerate((one, two) for one in WORDS for two in WORDS if one < two)
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "made.gguf").write_bytes(bert_gguf(made_bert()))
    (tmp_path / "judge.gguf").write_bytes(bert_gguf(made_bert(seed=2, with_head=True), pooling=4, name="judge"))
    write_vault(tmp_path / "vault", NOTES)
    return tmp_path


def settings(home: Path, *roles: str) -> Path:
    """Write the person's settings with these roles, and give the vault."""
    lines = [f'[models.{name}]\npath = "{home}/{name}.gguf"\nthreads = 1' for name in ("made", "judge")]
    lines += [f'[roles.{role}]\nmodel = "{"made" if role == "embedder" else "judge"}"' for role in roles]
    return configured(home, "\n".join(lines))


def configured(home: Path, text: str) -> Path:
    config = home / "config" / "vaultc" / "config.toml"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(text)
    return home / "vault"


def catalog_of(vault: Path) -> Catalog:
    return open_catalog(open_state(vault).catalog)


def let_in(home: Path, vault: Path) -> None:
    """Record that the made model finds all."""
    tried = {"language": "en", "questions": 40, "passages": 60, "model": 40, "words": 40, "own": 40}
    told = {"fingerprint": GgufEmbedder(home / "made.gguf").fingerprint, "rule": "rest of the passage/1"}
    with catalog_of(vault) as catalog:
        catalog.set_setting(SETTING, json.dumps({**told, "shares": {"en": 1.0}, "tried": [tried]}))


@pytest.fixture
def used(home: Path) -> Path:
    """Give a vault that is indexed with the made model."""
    vault = settings(home)
    index_vault(vault)
    let_in(home, settings(home, "embedder"))
    outcome = index_vault(vault)
    assert outcome.stats.embedded == outcome.stats.chunks == len(NOTES)
    return vault


def never(*_: object, **__: object) -> None:
    raise AssertionError("the model was loaded")


def fails(*_: object, **__: object) -> None:
    raise ModelError("the model's process was killed")


def test_a_model_that_finds_nothing_is_tried_once_said_once_and_left_out(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = settings(home, "embedder")

    first = index_vault(vault)
    monkeypatch.setattr(GgufEmbedder, "embed", never)
    second = index_vault(vault)

    assert len(first.notes) == 1
    assert first.notes[0].startswith("made is kept out for English: it finds ")
    assert second.notes == ()
    assert search_vault("pump", vault).notes == ()
    with catalog_of(vault) as catalog:
        assert fitted_embedder(catalog) is not None


def test_one_that_is_let_in_gives_the_vectors_and_finds(used: Path) -> None:
    outcome = search_vault("pump of the garden", used)

    assert outcome.notes == ()
    assert all(one.passage.legs.vector is not None for one in outcome.passages)
    with catalog_of(used) as catalog:
        assert fitted_embedder(catalog) is None
        assert catalog.counts().embeddings == len(NOTES)


def test_words_alone_load_no_model_and_what_is_new_gets_its_vector_later(
    used: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_vault(used, {"new.md": "A giraffe walks in."})
    with monkeypatch.context() as patched:
        patched.setattr(GgufEmbedder, "embed", never)
        found = search_vault("giraffe", used, lexical_only=True)
    assert [one.passage.chunk.span.path for one in found.passages] == ["new.md"]
    assert found.notes == ()

    assert search_vault("giraffe", used).passages[0].passage.legs.vector is not None


def test_a_model_that_fails_leaves_what_the_words_find_and_says_so(used: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(GgufEmbedder, "embed", fails)

        outcome = search_vault("pump", used)

        assert outcome.passages
        assert outcome.notes == ("found by words alone: the model's process was killed",)
        write_vault(used, {"new.md": "A giraffe walks in."})
        assert index_vault(used).notes == (
            "some notes have no vectors yet and are found by words alone: the model's process was killed",
        )
    assert index_vault(used).stats.embedded == 1


def test_a_file_that_is_away_loses_no_vectors(home: Path, used: Path) -> None:
    (home / "made.gguf").rename(home / "away.gguf")

    assert search_vault("pump", used).passages
    assert any("the embedder cannot be used" in text for text in index_vault(used).notes)
    (home / "away.gguf").rename(home / "made.gguf")
    assert index_vault(used).stats.embedded == 0


def test_without_the_role_the_vaults_own_vectors_come_back(home: Path, used: Path) -> None:
    settings(home)
    index_vault(used)

    with catalog_of(used) as catalog:
        assert fitted_embedder(catalog) is not None


def test_a_reranker_reads_the_best_passages_again(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vault = settings(home, "reranker")
    index_vault(vault)

    outcome = search_vault("pump of the garden", vault)

    assert all(one.passage.legs.rerank is not None for one in outcome.passages)
    monkeypatch.setattr(GgufReranker, "rerank", fails)
    assert search_vault("pump", vault).notes == ("not reordered: the model's process was killed",)
    monkeypatch.setattr(GgufReranker, "rerank", never)
    assert search_vault("pump", vault, lexical_only=True).passages


def test_a_role_whose_model_is_not_there_is_an_error_of_the_settings(home: Path) -> None:
    vault = configured(home, '[roles.embedder]\nmodel = "other"')
    with pytest.raises(UsageError, match=r'\[roles.embedder\] names the model "other"'):
        index_vault(vault)


def test_a_server_gives_the_vectors_that_search_uses(used: Path) -> None:
    served = ServedVault.open(used, {"model.path": "none"})
    try:
        embedder = served.embedder()
        assert embedder is not None
        with catalog_of(used) as catalog:
            assert embedder.fingerprint == catalog.setting("embedder")
            assert fitted_embedder(catalog) is None
        assert embedder.embed(["the pump stands by the lamp"]).shape == (1, embedder.dimensions)
        assert served.embedder() is embedder
    finally:
        served.close()


def far_settings(home: Path, url: str, served_as: str = "Qwen3-30B-A3B:latest") -> Path:
    text = f'[models.far]\nurl = "{url}/v1"\nserved_as = "{served_as}"\n[roles.embedder]\nmodel = "far"\n'
    return configured(home, text)


def test_a_server_may_embed_and_is_not_asked_for_words(home: Path) -> None:
    with serving(Fake("llama-server")) as fake:
        vault = far_settings(home, fake.url)
        tried = index_vault(vault)
        assert any("Qwen3-30B-A3B:latest" in note for note in tried.notes)
        with catalog_of(vault) as catalog:
            told = json.loads(catalog.setting(SETTING) or "")
            told["tried"] = [{**one, "model": one["questions"]} for one in told["tried"]]
            catalog.set_setting(SETTING, json.dumps(told))  # as if it had found all
        assert index_vault(vault).stats.embedded == len(NOTES)
        asked = len(fake.requests)

        assert search_vault("pump", vault, lexical_only=True).passages
        assert len(fake.requests) == asked
        assert search_vault("pump", vault).passages
        assert len(fake.requests) > asked
    gone = search_vault("garden", vault)
    assert gone.passages
    assert gone.notes


def test_a_server_that_embeds_must_be_told_by_which_name(home: Path) -> None:
    vault = far_settings(home, "http://127.0.0.1:9", "")
    with pytest.raises(UsageError, match="served_as"):
        index_vault(vault)
