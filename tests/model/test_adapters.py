"""LoRA adapters: how they are named, checked, put on and taken off."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from model.made_gguf import gguf_bytes, lora_bytes

from vaultc.core.errors import ModelError, UsageError
from vaultc.model.file.adapters import Lora, check_loras, parse_lora
from vaultc.model.file.gguf import read_header
from vaultc.model.fit.llama_settings import LlamaSettings
from vaultc.model.process.host import LlamaHost
from vaultc.model.protocols import Message, Prompt, Sampling

if TYPE_CHECKING:
    from collections.abc import Iterator

QUESTION = Prompt((Message("user", "Write one sentence about the sea."),), "test")
SHORT = Sampling(max_tokens=12)


@pytest.mark.parametrize(
    ("text", "path", "scale"),
    [
        ("a.gguf", "a.gguf", 1.0),
        ("a.gguf@0.5", "a.gguf", 0.5),
        ("me@home/a.gguf@-1", "me@home/a.gguf", -1.0),
        ("a.gguf@0", "a.gguf", 0.0),
    ],
)
def test_an_adapter_is_a_file_and_a_scale(text: str, path: str, scale: float) -> None:
    assert parse_lora(text) == Lora(Path(path), scale)


@pytest.mark.parametrize("text", ["a.gguf@", "a.gguf@x", "a.gguf@nan", "a.gguf@inf", "a.gguf@101", "@0.5"])
def test_a_scale_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="no scale"):
        parse_lora(text)


def test_a_file_whose_name_holds_the_sign_is_that_file(tmp_path: Path) -> None:
    file = tmp_path / "a@0.5"
    file.touch()

    assert parse_lora(str(file)) == Lora(file, 1.0)


def test_an_adapter_for_another_architecture_is_refused_before_loading(tmp_path: Path) -> None:
    model, other = tmp_path / "m.gguf", tmp_path / "l.gguf"
    model.write_bytes(gguf_bytes({"general.architecture": "llama", "general.name": "M"}))
    other.write_bytes(lora_bytes(1, architecture="qwen3", layers=1))

    with pytest.raises(ModelError, match=r"is for qwen3, but M is llama"):
        check_loras(read_header(model), [Lora(other)], {})
    with pytest.raises(ModelError, match="is not a LoRA adapter"):
        check_loras(read_header(model), [Lora(model)], {})
    with pytest.raises(ModelError, match="cannot read"):
        check_loras(read_header(model), [Lora(tmp_path / "none.gguf")], {})


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("loras")
    first, second = folder / "first.gguf", folder / "second.gguf"
    first.write_bytes(lora_bytes(1))
    second.write_bytes(lora_bytes(2))
    return first, second


@pytest.fixture(scope="module")
def model(starter: Path, digests: dict[str, str]) -> Iterator[LlamaHost]:
    with LlamaHost(starter, LlamaSettings(context_tokens=512), digests=digests) as host:
        yield host


def said(model: LlamaHost, *loras: Lora) -> str:
    return model.with_adapters(loras).generate(QUESTION, SHORT).text


@pytest.mark.model
def test_adapters_change_what_is_said_and_leave_no_trace(model: LlamaHost, files: tuple[Path, Path]) -> None:
    first, second = Lora(files[0]), Lora(files[1], 0.7)
    plain = model.generate(QUESTION, SHORT).text

    spoken = [said(model, first), said(model, second), said(model, first, second)]

    assert len({plain, *spoken}) == 4
    assert said(model, Lora(files[0], 0.0)) == plain
    assert model.generate(QUESTION, SHORT).text == plain
    assert [said(model, first), said(model, second), said(model, first, second)] == spoken


@pytest.mark.model
def test_an_answer_after_a_switch_is_that_of_a_process_that_never_switched(
    model: LlamaHost, files: tuple[Path, Path], starter: Path, digests: dict[str, str]
) -> None:
    said(model, Lora(files[1]))
    switched = said(model, Lora(files[0]))

    with LlamaHost(starter, LlamaSettings(context_tokens=512), digests=digests, loras=[Lora(files[0])]) as clean:
        assert clean.generate(QUESTION, SHORT).text == switched
        assert clean.spec == model.with_adapters([Lora(files[0])]).spec != model.spec


@pytest.mark.model
def test_one_process_serves_all_and_a_role_does_not_end_it(model: LlamaHost, files: tuple[Path, Path]) -> None:
    model.load()
    pid = model.process_id
    role = model.with_adapters([Lora(files[0])])
    role.generate(QUESTION, Sampling(max_tokens=1))

    role.close()

    assert role.process_id == model.process_id == pid is not None
    assert model.generate(QUESTION, Sampling(max_tokens=1)).tokens == 1


@pytest.mark.model
def test_an_adapter_of_the_wrong_size_is_refused_and_the_model_goes_on(model: LlamaHost, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.gguf"
    wrong.write_bytes(lora_bytes(1, size=64))
    plain = model.generate(QUESTION, SHORT).text
    pid = model.process_id

    with pytest.raises(ModelError, match="cannot use the adapter") as caught:
        said(model, Lora(wrong))

    assert "\n" not in caught.value.message
    assert model.generate(QUESTION, SHORT).text == plain
    assert model.process_id == pid
