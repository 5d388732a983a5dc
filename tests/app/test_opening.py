"""Which model is opened for a role, where it lies, and which of them are loaded at a time."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
from cli.conftest import EXAMPLE_VAULT
from model.made_gguf import gguf_bytes, hollow_gguf

from vaultc.app.models.opening import BRAIN, HAND, RunModels, entry_for, open_host
from vaultc.app.models.placing import Asked, Placed, place
from vaultc.app.session import Session
from vaultc.app.trusting import trust_vault
from vaultc.config import ModelEntry, RoleEntry, Settings, load_settings
from vaultc.core.errors import ModelError, UsageError
from vaultc.model.file.known import known_model
from vaultc.model.file.recipes import header_of
from vaultc.model.file.spec import starter_model
from vaultc.model.fit import hardware
from vaultc.model.fit.hardware import Gpu, Machine
from vaultc.model.fit.schedule import Room
from vaultc.model.manner import Manner
from vaultc.model.process.host import LlamaHost
from vaultc.model.protocols import Choice, Generation, Message, Prompt, Sampling

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from vaultc.model.file.gguf import Header

PERSON = Machine((Gpu("GPU 0", 96_500 << 20),), int(132e9 * 0.9), 16)


def settings_with(tmp_path: Path, text: str, environ: dict[str, str] | None = None, **flags: object) -> Settings:
    own = tmp_path / "settings" / "vaultc" / "config.toml"
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text(text)
    home = {"XDG_CONFIG_HOME": str(tmp_path / "settings")}
    return load_settings(
        None, {key.replace("_", ".", 1): value for key, value in flags.items()}, home | (environ or {})
    )


TOML = """
[model]
path = "plain.gguf"
n_gpu_layers = 3
[models.big]
path = "big.gguf"
placement = "given"
gpu_layers = 7
expert_layers_in_ram = 2
[roles.brain]
model = "big"
"""


def test_a_flag_or_a_variable_goes_before_the_role_and_the_role_before_the_plain_setting(tmp_path: Path) -> None:
    def path_of(text: str, environ: dict[str, str] | None = None, **flags: object) -> str:
        named = entry_for(settings_with(tmp_path, text, environ, **flags))
        assert named is not None
        return named[0].path

    assert path_of(TOML) == "big.gguf"
    assert path_of(TOML, {"VAULTC_MODEL": "mine.gguf"}) == "mine.gguf"
    assert path_of(TOML, model_path="flag.gguf") == "flag.gguf"
    assert path_of(TOML.partition("[models")[0]) == "plain.gguf"
    assert path_of("") == ""
    assert path_of(TOML.partition("[roles")[0], model_path="big") == "big.gguf"


def test_a_role_without_its_model_is_said(tmp_path: Path) -> None:
    settings = settings_with(tmp_path, '[roles.coder]\nmodel = "none-such"')

    with pytest.raises(UsageError, match=r'\[roles.coder\] names the model "none-such"'):
        entry_for(settings, HAND)
    assert entry_for(settings_with(tmp_path, ""), HAND) is None


def known(name: str) -> Header:
    found = known_model(name)
    assert found is not None
    return header_of(*found)


def placed(*asked: tuple[str, ModelEntry], machine: Machine = PERSON) -> Sequence[Placed]:
    return place([Asked(entry, RoleEntry(), known(name)) for name, entry in asked], lambda: machine)


def test_a_placement_is_as_given_and_the_machine_is_not_looked_at() -> None:
    def never() -> Machine:
        raise AssertionError("looked at")

    entry = ModelEntry(placement="given", gpu_layers=7, expert_layers_in_ram=2)
    (one,) = place([Asked(entry, RoleEntry(), known("Qwen3-30B-A3B:Q8_0"))], never)

    assert one.settings.gpu_layers == 7
    assert one.settings.in_ram == (r"blk\.(46|47)\.ffn_(up|down|gate_up|gate)_(ch|)exps",)
    assert not one.settings.use_mmap
    with pytest.raises(UsageError, match='no placement "magic"'):
        placed(("Qwen3-30B-A3B:Q8_0", ModelEntry(placement="magic")))


def test_a_giant_is_placed_by_the_planner() -> None:
    (one,) = placed(("Qwen3-235B-A22B:Q6_K", ModelEntry(context_tokens=32_768)))

    assert one.settings.gpu_layers == 95
    assert one.settings.in_ram
    assert one.settings.context_tokens == 32_768
    assert one.needs is not None
    assert one.needs.vram_bytes > 80e9
    assert one.needs.ram_bytes > 90e9


def test_a_model_that_cannot_fit_is_refused_with_what_to_do() -> None:
    with pytest.raises(ModelError, match=r"does not fit into this machine: it needs .* GiB of RAM") as caught:
        placed(("Qwen3-Coder-480B-A35B:Q4_K_M", ModelEntry()))
    assert "vaultc model plan" in str(caught.value.hint)


def test_without_a_known_gpu_auto_takes_what_the_build_can() -> None:
    (one,) = placed(("Qwen3-30B-A3B:Q8_0", ModelEntry()), machine=Machine((), int(8e9), 2))

    assert one.settings.gpu_layers is None
    assert one.settings.in_ram == ()


def test_brain_and_hand_are_planned_together() -> None:
    brain, hand = placed(("Qwen3-30B-A3B:Q8_0", ModelEntry()), ("gpt-oss-120b", ModelEntry()))

    assert brain.needs is not None
    assert hand.needs is not None
    together = brain.needs + hand.needs
    assert Room(PERSON.vram_bytes, PERSON.ram_bytes).holds(together)


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    shutil.copytree(EXAMPLE_VAULT, tmp_path / "vault")
    return Session.open(tmp_path / "vault")


def test_an_entry_is_opened_as_it_says(session: Session, tmp_path: Path) -> None:
    file = tmp_path / "m.gguf"
    file.write_bytes(gguf_bytes({"general.architecture": "llama", "llama.context_length": 9000}))
    entry = ModelEntry(placement="given", gpu_layers=5, kv_type="q8_0", context_tokens=4096)

    host = open_host(session, file, entry, RoleEntry(context_tokens=2048))

    assert host.spec.context_tokens == 2048
    assert host.spec.settings == {"gpu_layers": 5, "type_k": "q8_0", "type_v": "q8_0", "flash_attn": True}
    pinned = json.loads((tmp_path / "home" / "vaultc" / "models.json").read_text())
    assert list(pinned["files"]) == [str(file)]


def test_an_entry_that_cannot_be_is_one_line_before_anything_is_loaded(session: Session, tmp_path: Path) -> None:
    file = tmp_path / "m.gguf"
    file.write_bytes(gguf_bytes({"general.architecture": "llama"}))

    for entry, reason in (
        (ModelEntry(digest="b2:00"), "is not the file that the settings name"),
        (ModelEntry(kv_type="q8_0", flash_attn=False), "needs flash attention"),
        (ModelEntry(kv_type="int3"), 'no KV cache is of type "int3"'),
        (ModelEntry(loras=("none.gguf",)), "cannot read"),
        (ModelEntry(loras=(f"{file}@0.5",)), "is not a LoRA adapter"),
    ):
        with pytest.raises(ModelError, match=reason) as caught:
            open_host(session, file, entry)
        assert "\n" not in caught.value.message


def test_a_file_that_changed_since_it_was_used_is_told_of(session: Session, tmp_path: Path) -> None:
    file = tmp_path / "m.gguf"
    for name in ("a", "b"):
        file.write_bytes(gguf_bytes({"general.architecture": "llama", "general.name": name}))
        open_host(session, file, ModelEntry())

    assert len(session.notes) == 1
    assert "is not the file it was on" in session.notes[0]


def with_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> Session:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(hardware, "detect", lambda: PERSON)
    vault = tmp_path / "vault"
    shutil.copytree(EXAMPLE_VAULT, vault)
    (vault / ".vaultc").mkdir()
    (vault / ".vaultc" / "config.toml").write_text(text, "utf-8")
    trust_vault(vault)
    return Session.open(vault)


def host_of(models: RunModels, role: str) -> LlamaHost:
    model = models.bare(role)
    assert isinstance(model, LlamaHost)
    return model


def test_two_giants_share_a_schedule_and_each_has_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("Qwen3-32B:Q8_0", "Llama-3.3-70B:Q8_0"):
        hollow_gguf(tmp_path / f"{name.partition(':')[0]}.gguf", known(name))
    text = f"""
[models.middle]
path = "{tmp_path}/Qwen3-32B.gguf"
[models.large]
path = "{tmp_path}/Llama-3.3-70B.gguf"
[roles.brain]
model = "middle"
[roles.coder]
model = "large"
thinking = false
"""
    models = RunModels(with_models(tmp_path, monkeypatch, text))

    brain, hand = host_of(models, BRAIN), host_of(models, HAND)

    assert models.schedule is not None
    assert brain.tenant is not hand.tenant
    assert brain.spec.settings["gpu_layers"] > 0
    # They do not fit together: when one is about to be loaded, the other goes.
    for tenant in (brain.tenant, hand.tenant):
        models.schedule.admit(tenant)
    assert models.schedule.loads.total() == 2
    models.close()


def test_roles_with_one_file_share_one_process_and_answer_each_in_its_manner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "m.gguf"
    file.write_bytes(gguf_bytes({"general.architecture": "llama", "llama.context_length": 4096}))
    text = f"""
[models.one]
path = "{file}"
[roles.brain]
model = "one"
[roles.coder]
model = "one"
thinking = false
temperature = 0.25
"""
    models = RunModels(with_models(tmp_path, monkeypatch, text))

    brain, hand = host_of(models, BRAIN), host_of(models, HAND)

    assert brain.tenant is hand.tenant
    assert models.schedule is None
    plain, quick = models.of(BRAIN), models.of(HAND)
    assert plain is not None
    assert quick is not None
    assert "thinking" not in plain.spec.settings
    assert (quick.spec.settings["thinking"], quick.spec.settings["temperature"]) == (False, 0.25)


def test_a_manner_overrides_the_task_only_where_it_says_so() -> None:
    asked = Sampling(temperature=0.6)

    assert Manner().of(asked) == asked
    assert Manner(0.1, thinking=False).of(asked) == Sampling(temperature=0.1, thinking=False)


@pytest.mark.model
def test_two_real_models_that_do_not_fit_together_are_loaded_in_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    starter = starter_model()
    if starter is None:
        pytest.skip("the starter package is not installed")
    for name in ("one", "other"):
        (tmp_path / f"{name}.gguf").symlink_to(starter)
    text = f"""
[models.one]
path = "{tmp_path}/one.gguf"
context_tokens = 512
[models.other]
path = "{tmp_path}/other.gguf"
context_tokens = 512
[roles.brain]
model = "one"
[roles.coder]
model = "other"
"""
    session = with_models(tmp_path, monkeypatch, text)
    monkeypatch.setattr(hardware, "detect", lambda: Machine((), 300_000_000, 2))
    models = RunModels(session)
    prompt = Prompt((Message("user", "Say yes."),), "test")
    try:
        brain, hand = host_of(models, BRAIN), host_of(models, HAND)
        for _ in range(2):
            brain.generate(prompt, Sampling(max_tokens=2))
        assert brain.tenant.is_loaded
        for _ in range(2):
            hand.generate(prompt, Sampling(max_tokens=2))

        assert (brain.tenant.is_loaded, hand.tenant.is_loaded) == (False, True)
        assert brain.generate(prompt, Sampling(max_tokens=2)).tokens > 0
        assert models.schedule is not None
        assert models.schedule.loads.total() == 3
        assert any("is let go" in note for note in session.notes)
    finally:
        models.close()


def test_a_ranker_chooses_in_place_of_the_brain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("large", "small"):
        values = {"general.architecture": "llama", "general.name": name, "llama.context_length": 4096}
        (tmp_path / f"{name}.gguf").write_bytes(gguf_bytes(values))
    text = f"""
[models.large]
path = "{tmp_path}/large.gguf"
[models.small]
path = "{tmp_path}/small.gguf"
[roles.brain]
model = "large"
[roles.ranker]
model = "small"
"""
    asked: list[str] = []

    def choose(self: LlamaHost, prompt: Prompt, options: Sequence[str]) -> Choice:
        asked.append(self.spec.name)
        return Choice(0, (1.0,) * len(options))

    def generate(self: LlamaHost, *_: object, **__: object) -> Generation:
        asked.append(self.spec.name)
        return Generation("")

    monkeypatch.setattr(LlamaHost, "choose", choose)
    monkeypatch.setattr(LlamaHost, "generate", generate)
    models = RunModels(with_models(tmp_path, monkeypatch, text))
    brain = models.of(BRAIN)
    assert brain is not None
    prompt = Prompt((Message("user", "Which?"),), "test")

    brain.choose(prompt, ["a", "b"])
    brain.generate(prompt)

    assert asked == ["small", "large"]
    assert brain.spec.settings["ranker"]
    models.close()


def test_two_models_of_one_server_are_told_apart_by_their_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = """
[models.small]
url = "http://127.0.0.1:9/v1"
served_as = "small:1b"
key_file = "no-such-key-of-small"
[models.large]
url = "http://127.0.0.1:9/v1"
served_as = "large:30b"
key_file = "no-such-key-of-large"
[roles.brain]
model = "large"
"""
    models = RunModels(with_models(tmp_path, monkeypatch, text))

    with pytest.raises(UsageError, match=r"no-such-key-of-large.*models\.large\.key_file"):
        models.bare(BRAIN)
