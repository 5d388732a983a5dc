from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from model.fake_hub import COMMIT, REPO, Hub, gguf, serving, sha256

from vaultc.core.errors import ModelError, UsageError
from vaultc.model.remote.endpoint import allowed_endpoint
from vaultc.model.remote.hub import Found, Wanted, find_model_files, size_text, wanted_model
from vaultc.model.remote.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Sequence

PARTS = {f"UD-Q4_K_XL/m-UD-Q4_K_XL-0000{n}-of-00003.gguf": gguf(100 + n, n) for n in (1, 2, 3)}
FILES = {"m-Q8_0.gguf": gguf(400), "m-Q4_K_M.gguf": gguf(300), "m-Q4_K_S.gguf": gguf(200), **PARTS}


def find(hub: Hub, quant: str = "", file: str = "", token: str = "") -> Found:
    wire = Wire(allowed_endpoint(hub.url, (), setting="--hub"), key=token)
    try:
        return find_model_files(wire, Wanted(REPO, "main", quant, file))
    finally:
        wire.close()


def paths(found: Found) -> Sequence[str]:
    return [file.path for file in found.files]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("maker/Model-GGUF", Wanted("maker/Model-GGUF")),
        ("maker/Model-GGUF:Q8_0", Wanted("maker/Model-GGUF", "main", "Q8_0")),
        ("maker/Model-GGUF@v1.2:UD-Q4_K_XL", Wanted("maker/Model-GGUF", "v1.2", "UD-Q4_K_XL")),
        ("https://huggingface.co/maker/Model-GGUF/", Wanted("maker/Model-GGUF")),
    ],
)
def test_a_name_says_repository_revision_and_quantisation(name: str, wanted: Wanted) -> None:
    assert wanted_model(name) == wanted


@pytest.mark.parametrize(
    "name", ["", "model", "a/b/c", "../b", "a/..", "a/b?x=1", "a/b#c", "http://evil/a/b", "a/b:Q8/x", "a b/c", "a/b\n"]
)
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="is not the name"):
        wanted_model(name + ("" if name != "a/b\n" else "x"))


def test_the_files_are_named_with_size_and_digest_at_one_commit() -> None:
    with serving(Hub(FILES, page_size=3)) as hub:
        found = find(hub, "q8_0")

    assert found.commit == COMMIT
    assert [(file.path, file.size, file.sha256) for file in found.files] == [
        ("m-Q8_0.gguf", 400, sha256(FILES["m-Q8_0.gguf"]))
    ]


def test_a_split_model_is_one_model() -> None:
    with serving(Hub(FILES)) as hub:
        assert paths(find(hub, "UD-Q4_K_XL")) == sorted(PARTS)
        assert paths(find(hub, file=sorted(PARTS)[1])) == sorted(PARTS)


def test_a_split_model_that_lacks_a_part_is_no_model() -> None:
    files = dict(FILES)
    del files[sorted(PARTS)[1]]

    with serving(Hub(files)) as hub, pytest.raises(UsageError, match="no such model"):
        find(hub, "UD-Q4_K_XL")


def test_several_models_are_listed_to_choose_from() -> None:
    with serving(Hub(FILES)) as hub:
        with pytest.raises(UsageError, match=r"several models fit:\n") as error:
            find(hub)
        with pytest.raises(UsageError, match="no such model"):
            find(hub, "Q4_K")  # a part of two names is neither

    assert all(f"  {name}  " in error.value.message for name in ("m-Q8_0.gguf", "m-Q4_K_M.gguf"))


def test_a_projector_for_pictures_is_not_the_model() -> None:
    with serving(Hub({"m-Q8_0.gguf": gguf(40), "mmproj-m-Q8_0.gguf": gguf(30)})) as hub:
        assert paths(find(hub)) == ["m-Q8_0.gguf"]
        assert paths(find(hub, file="mmproj-m-Q8_0.gguf")) == ["mmproj-m-Q8_0.gguf"]


def test_a_repository_without_a_gguf_says_so() -> None:
    with serving(Hub({"model.safetensors": b"x"})) as hub, pytest.raises(ModelError, match="no GGUF"):
        find(hub)


@pytest.mark.parametrize(
    ("status", "code", "says", "hint"),
    [
        (401, "RepoNotFound", "does not give", "--token-file"),
        (403, "GatedRepo", "does not give", "--token-file"),
        (404, "RepoNotFound", "has no model", "check the name"),
        (429, "", "asks to wait", "later"),
        (503, "", "could not be fetched", "again"),
    ],
)
def test_a_refusal_of_the_hub_is_told_with_what_to_do(status: int, code: str, says: str, hint: str) -> None:
    with serving(Hub(FILES)) as hub:
        hub.failures = [(status, {"X-Error-Code": code}, '{"error": "no"}')]
        with pytest.raises(ModelError, match=says) as error:
            find(hub)

    assert hint in str(error.value.hint)


def test_a_token_opens_a_gated_model_and_is_shown_nowhere() -> None:
    with serving(Hub(FILES, token="hf_secret")) as hub:
        assert paths(find(hub, "Q8_0", token="hf_secret")) == ["m-Q8_0.gguf"]
        with pytest.raises(ModelError) as error:
            find(hub, "Q8_0", token="hf_wrong")

    assert "hf_" not in f"{error.value} {error.value.hint}"
    assert "accept its terms" in str(error.value.hint)


def test_a_model_that_was_renamed_is_not_followed_in_silence() -> None:
    with serving(Hub(FILES)) as hub:
        hub.failures = [(307, {"Location": "/api/models/new/Name-GGUF/revision/main"}, "")]

        with pytest.raises(ModelError, match='now called "new/Name-GGUF"'):
            find(hub)


@pytest.mark.parametrize("body", ["<html>sign in</html>", "[]", '{"sha": "main"}', '{"sha": "../../x"}'])
def test_what_is_no_answer_of_a_hub_is_refused(body: str) -> None:
    with serving(Hub(FILES)) as hub:
        hub.failures = [(200, {}, body)]

        with pytest.raises(ModelError):
            find(hub)


def test_sizes_are_told_in_the_units_of_disks() -> None:
    assert [size_text(size) for size in (999, 1_500_000, 31_400_000_000, 2 * 10**12)] == [
        "999 bytes",
        "1.5 MB",
        "31.4 GB",
        "2.0 TB",
    ]
