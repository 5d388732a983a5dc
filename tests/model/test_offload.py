from __future__ import annotations

import random
import re
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from model.made_gguf import hollow_gguf

from vaultc.core.errors import ModelError
from vaultc.model.file.gguf import read_header
from vaultc.model.file.known import KNOWN, known_model
from vaultc.model.file.recipes import header_of
from vaultc.model.file.shape import shape_of
from vaultc.model.file.tensors import TensorInfo
from vaultc.model.fit.alternatives import alternatives
from vaultc.model.fit.hardware import Gpu, Machine
from vaultc.model.fit.offload import Wishes, last_expert_layers, plan_model, plan_shape, tensor_overrides
from vaultc.model.fit.placement import MARGIN_BYTES
from vaultc.model.fit.together import plan_together, without

if TYPE_CHECKING:
    from pathlib import Path

    from vaultc.model.file.gguf import Header
    from vaultc.model.file.shape import ModelShape

MIB, GIB = 1 << 20, 1 << 30
PERSON = Machine((Gpu("GPU 0", 96_500 * MIB),), int(132e9 * 0.9), 16)
LAWS = settings(max_examples=40, deadline=None)


def header(name: str) -> Header:
    found = known_model(name)
    assert found is not None
    return header_of(*found)


def shape(name: str) -> ModelShape:
    return shape_of(header(name))


@pytest.mark.parametrize("model", KNOWN, ids=lambda model: model.name)
def test_a_known_shape_has_the_parameters_that_its_maker_publishes(model: object) -> None:
    assert model in KNOWN
    known = next(each for each in KNOWN if each == model)
    assert header_of(known, known.quants[0]).parameters / 1e9 == pytest.approx(known.parameters, abs=0.051)


# Sizes that llama.cpp's own quantizer gives these shapes, in GiB.
@pytest.mark.parametrize(
    ("name", "gib"),
    [
        ("Qwen3-30B-A3B:Q4_K_M", 17.3),
        ("Qwen3-235B-A22B:Q6_K", 179.8),
        ("Qwen3-235B-A22B:Q3_K_M", 104.7),
        ("Qwen3-Coder-480B-A35B:Q2_K", 162.7),
        ("Qwen3.5-397B-A17B:Q4_K_M", 224.1),
        ("Qwen3-32B:Q5_K_M", 21.6),
        ("Llama-3.3-70B:Q8_0", 69.8),
        ("Qwen3.5-122B-A10B:Q5_K_M", 80.9),
        ("gpt-oss-120b:MXFP4", 59.0),
    ],
)
def test_a_quant_has_the_size_that_llama_cpp_gives_it(name: str, gib: float) -> None:
    assert header(name).size_bytes / GIB == pytest.approx(gib, rel=0.003)


@pytest.mark.parametrize(
    ("name", "context", "kv_type", "mib"),
    [
        ("Qwen3-30B-A3B:Q8_0", 32768, "f16", 3072),
        ("Qwen3-235B-A22B:Q8_0", 32768, "f16", 6016),
        ("Qwen3-Coder-480B-A35B:Q2_K", 131072, "f16", 31744),
        ("Llama-3.3-70B:Q8_0", 131072, "q8_0", 21760),
        ("gpt-oss-120b:MXFP4", 32768, "f16", 1179),
        ("gpt-oss-120b:MXFP4", 131072, "f16", 4635),
        ("Qwen3.5-35B-A3B:Q8_0", 32768, "f16", 702.8),
        ("Qwen3.5-397B-A17B:Q3_K_M", 131072, "f16", 4026.3),
    ],
)
def test_kv_grows_as_the_architecture_says(name: str, context: int, kv_type: str, mib: float) -> None:
    assert shape(name).kv_bytes(context, kv_type, 512) / MIB == pytest.approx(mib, abs=0.1)


def test_size_is_never_taken_from_the_active_parameters() -> None:
    plan = plan_model(header("Qwen3.5-122B-A10B:Q8_0"), PERSON, Wishes(32768))

    assert plan.vram_bytes + plan.ram_use.used_bytes > 120 * GIB


def test_a_giant_puts_its_last_experts_into_ram() -> None:
    plan = plan_model(header("Qwen3-235B-A22B:Q4_K_M"), PERSON, Wishes(32768))

    assert plan.fits
    assert plan.gpu_layers == 95
    assert plan.expert_layers_in_ram == tuple(range(60, 94))
    assert 45 < plan.ram_use.used_bytes / GIB < 48


def test_the_patterns_name_exactly_the_tensors_that_lie_in_ram() -> None:
    made = header("Qwen3-235B-A22B:Q4_K_M")
    plan = plan_model(made, PERSON, Wishes(32768))

    patterns = [re.compile(pattern) for pattern in tensor_overrides(plan)]
    moved = sum(t.size_bytes for t in made.tensors if any(pattern.search(t.name) for pattern in patterns))

    embedding = made.tensors[0].size_bytes
    assert moved + embedding == plan.ram_use.weights_bytes
    assert len({t.layer for t in made.tensors if any(p.search(t.name) for p in patterns)}) == 34


def test_a_set_number_of_expert_layers_is_taken_from_the_end() -> None:
    (pattern,) = last_expert_layers(48, 2)

    assert [layer for layer in range(48) if re.search(pattern, f"blk.{layer}.ffn_up_exps.weight")] == [46, 47]
    assert not re.search(pattern, "blk.46.ffn_up_shexp.weight")
    assert last_expert_layers(48, 0) == ()
    assert len(re.findall(r"\d+", last_expert_layers(48, 99)[0])) == 48


def test_kv_is_rounded_only_where_that_is_worth_it() -> None:
    exact = plan_model(header("Llama-3.3-70B:Q8_0"), PERSON, Wishes(32768))
    long = plan_model(header("Llama-3.3-70B:Q8_0"), PERSON, Wishes(131072))
    asked = plan_model(header("Llama-3.3-70B:Q8_0"), PERSON, Wishes(131072, "f16"))

    assert (exact.kv_type, long.kv_type, asked.kv_type) == ("f16", "q8_0", "f16")
    assert long.speed.at_full > 2 * asked.speed.at_full


def test_a_plan_that_cannot_fit_is_refused_and_what_would_fit_is_planned() -> None:
    made = shape("Qwen3-235B-A22B:Q8_0")
    wishes = Wishes(32768)
    plan = plan_shape(made, PERSON, wishes)

    found = alternatives(made, PERSON, wishes, plan)

    assert not plan.fits
    assert "146.5 GiB of RAM" in plan.reason
    assert all(each.plan.fits for each in found)
    assert {"Q6_K (180 GiB)", "192 GB of RAM"} <= {each.what for each in found}


def test_a_shorter_context_is_offered_where_it_helps() -> None:
    made = shape("Qwen3-235B-A22B:Q6_K")
    small = replace(PERSON, ram_bytes=95 * GIB)
    wishes = Wishes(131072, "f16")
    plan = plan_shape(made, small, wishes)

    kinds = {each.kind: each for each in alternatives(made, small, wishes, plan)}

    assert not plan.fits
    assert kinds["context"].plan.n_ctx == 32768
    assert kinds["context"].plan.fits


def test_without_a_gpu_all_lies_in_ram() -> None:
    plan = plan_model(header("Qwen3-30B-A3B:Q4_K_M"), Machine((), 64 * GIB, 8), Wishes(8192))

    assert plan.fits
    assert (plan.gpu_layers, plan.ram_experts, len(plan.devices)) == (0, (), 1)
    assert (plan.n_ubatch, plan.kv_type) == (512, "f16")


def test_a_card_too_small_for_anything_is_left_alone() -> None:
    machine = Machine((Gpu("GPU 0", 900 * MIB),), 64 * GIB, 8)

    plan = plan_model(header("Qwen3-30B-A3B:Q4_K_M"), machine, Wishes(8192))

    assert plan.fits
    assert not plan.op_offload
    assert plan.devices[0].used_bytes == 0


def test_a_hybrid_keeps_the_experts_of_its_first_layers_on_the_card() -> None:
    machine = replace(PERSON, gpus=(Gpu("GPU 0", 16 * GIB),))

    plan = plan_model(header("Qwen3.5-122B-A10B:Q8_0"), machine, Wishes(32768))

    assert plan.expert_layers_in_ram
    assert min(plan.expert_layers_in_ram) >= 3


@pytest.mark.parametrize("wishes", [Wishes(-1), Wishes(1 << 30), Wishes(4096, "q3_7"), Wishes(4096, batch=-4)])
def test_a_wish_that_cannot_be_is_an_error(wishes: Wishes) -> None:
    with pytest.raises(ModelError):
        plan_shape(shape("Qwen3-32B:Q8_0"), PERSON, wishes)


def test_a_header_without_layers_or_with_a_strange_type_is_not_planned() -> None:
    made = header("Qwen3-32B:Q8_0")
    strange = TensorInfo("blk.0.odd.weight", (32,), 99)

    with pytest.raises(ModelError, match="cannot be planned"):
        shape_of(replace(made, values={"general.architecture": "clip"}))
    with pytest.raises(ModelError, match="unknown type 99"):
        shape_of(replace(made, tensors=(*made.tensors, strange)))


def test_models_that_fit_together_stay_and_each_takes_what_is_left() -> None:
    shapes = [shape(name) for name in ("Qwen3-30B-A3B:Q8_0", "Qwen3-Embedding-0.6B:Q8_0", "Qwen3-235B-A22B:Q4_K_M")]

    joint = plan_together(shapes, PERSON, [Wishes(32768), Wishes(8192), Wishes(32768)])

    assert joint.advice == "resident"
    assert all(plan.fits for plan in joint.resident)
    assert sum(plan.devices[0].used_bytes for plan in joint.resident) <= PERSON.vram_bytes - MARGIN_BYTES
    assert sum(plan.ram_use.used_bytes for plan in joint.resident) <= PERSON.ram_bytes
    assert joint.resident[2].speed.at_full < joint.swapped[2].speed.at_full
    assert joint.stays == (False, True, False)


def test_giants_that_do_not_fit_together_take_turns() -> None:
    shapes = [shape(name) for name in ("Qwen3-235B-A22B:Q4_K_M", "Qwen3.5-397B-A17B:Q3_K_M")]

    joint = plan_together(shapes, PERSON, [Wishes(32768)] * 2)

    assert joint.advice == "swapped"
    assert joint.chosen == joint.swapped
    assert joint.swap_seconds[1] > 60


def test_models_that_fit_in_no_way_are_refused() -> None:
    joint = plan_together([shape("Qwen3-235B-A22B:Q8_0")] * 2, PERSON, [Wishes(32768)] * 2)

    assert joint.advice == "neither"


models = st.sampled_from(
    [shape(name) for name in ("Qwen3-30B-A3B:Q8_0", "Qwen3-32B:Q4_K_M", "Qwen3.5-35B-A3B:Q8_0", "gpt-oss-120b:MXFP4")]
)
contexts = st.sampled_from([256, 4096, 10_000, 32_768])
sizes = st.integers(0, 40_000).map(lambda mib: mib * MIB)


def machine_with(*gpus: int) -> Machine:
    return Machine(tuple(Gpu(f"GPU {at}", size) for at, size in enumerate(gpus) if size), 128 * GIB, 8)


@LAWS
@given(made=models, context=contexts, gpus=st.lists(sizes, max_size=3))
def test_no_device_is_given_more_than_it_has_and_nothing_is_lost(
    made: ModelShape, context: int, gpus: list[int]
) -> None:
    machine = machine_with(*gpus)
    plan = plan_shape(made, machine, Wishes(context, "f16", batch=256))

    assert plan.fits == (plan.ram_use.used_bytes <= plan.ram_use.capacity_bytes)
    for use in plan.devices[:-1]:
        assert use.used_bytes == 0 or use.used_bytes <= use.capacity_bytes - MARGIN_BYTES
    held = sum(use.weights_bytes for use in plan.devices)
    twice = made.output_bytes if made.tied and plan.gpu_layers else 0
    assert held in (made.weights_bytes, made.weights_bytes + twice)
    assert sum(use.kv_bytes for use in plan.devices) == made.kv_bytes(context, "f16", min(256, context))
    assert 0 <= plan.gpu_layers <= plan.layers + 1
    assert set(plan.expert_layers_in_ram) <= set(range(plan.layers + 1 - plan.gpu_layers, plan.layers))
    left = without(machine, plan)
    assert left.ram_bytes >= 0
    assert all(gpu.free_bytes >= 0 for gpu in left.gpus)


@LAWS
@given(made=models, context=contexts, one=sizes, other=sizes)
def test_a_larger_card_is_never_slower(made: ModelShape, context: int, one: int, other: int) -> None:
    small, large = sorted((one, other))
    wishes = Wishes(context, "f16", batch=256)

    slower = plan_shape(made, machine_with(small), wishes)
    faster = plan_shape(made, machine_with(large), wishes)

    assert faster.speed.at_full >= 0.999 * slower.speed.at_full
    assert faster.ram_use.weights_bytes <= slower.ram_use.weights_bytes or faster.fits


@LAWS
@given(made=models, context=st.integers(256, 60_000), more=st.integers(1, 60_000))
def test_a_longer_context_never_takes_less(made: ModelShape, context: int, more: int) -> None:
    for kv_type in ("f16", "q8_0"):
        assert made.kv_bytes(context + more, kv_type, 512) >= made.kv_bytes(context, kv_type, 512)
    assert made.kv_bytes(context, "q8_0", 512) <= made.kv_bytes(context, "f16", 512)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 1 << 30), count=st.integers(1, 12))
def test_changed_bytes_of_a_header_give_a_plan_or_a_model_error(tmp_path: Path, seed: int, count: int) -> None:
    path = tmp_path / "changed.gguf"
    found = known_model("Qwen3.5-35B-A3B:Q4_K_M")
    assert found is not None
    hollow_gguf(path, header_of(replace(found[0], layers=4), found[1]))
    chance = random.Random(seed)
    with path.open("r+b") as file:
        for _ in range(count):
            file.seek(chance.randrange(3000))
            file.write(bytes([chance.choice((0, 1, 255, chance.randrange(256)))]))

    try:
        plan = plan_model(read_header(path), PERSON, Wishes(4096))
    except ModelError:
        return

    assert all(use.used_bytes >= 0 for use in plan.devices)
    assert plan.speed.at_full > 0


NUMBERS = st.sampled_from([0, 1, 2, 3, 7, 255, 4096, 65_535, 2**31, 2**32 - 1, 2**63 - 1])
BASE = header_of(replace(KNOWN[1], layers=3), "Q4_K_M")
OWN_KEYS = [key for key, value in BASE.values.items() if isinstance(value, int)]


@settings(max_examples=150, deadline=None)
@given(
    changed=st.dictionaries(st.sampled_from(OWN_KEYS), NUMBERS, max_size=4),
    gpus=st.lists(st.sampled_from([1, 10**9, 16 * GIB, 96 * GIB]), max_size=3),
    ram=st.sampled_from([0, 10**9, 64 * GIB]),
    context=st.sampled_from([0, 256, 131_072]),
)
def test_absurd_numbers_give_a_plan_or_a_model_error(
    changed: dict[str, int], gpus: list[int], ram: int, context: int
) -> None:
    machine = replace(machine_with(*gpus), ram_bytes=ram)
    try:
        made = shape_of(replace(BASE, values={**BASE.values, **changed}))
    except ModelError:
        return

    plan = plan_shape(made, machine, Wishes(context))

    assert plan.fits == (plan.reason == "")
    assert all(each.plan.fits for each in alternatives(made, machine, Wishes(context), plan))
    assert tensor_overrides(plan) == () or plan.ram_experts


def test_the_deepest_model_that_llama_cpp_takes_is_planned_soon() -> None:
    deep = shape_of(header_of(replace(KNOWN[0], layers=512), "Q8_0"))
    machine = machine_with(40 * GIB, 40 * GIB)
    started = time.process_time()

    plan = plan_shape(deep, machine, Wishes(32768, "f16"))

    assert plan.layers == 512
    assert time.process_time() - started < 5
    with pytest.raises(ModelError, match="cannot be planned"):
        shape_of(header_of(replace(KNOWN[0], layers=513), "Q8_0"))


def test_a_layer_without_tensors_is_no_layer() -> None:
    made = header("Qwen3-30B-A3B:Q8_0")

    with pytest.raises(ModelError, match="layer 48 has no tensors"):
        shape_of(replace(made, values={**made.values, "qwen3moe.block_count": 60}))
