from __future__ import annotations

import io

import pytest
from evaluation.readers import Reader, checked, loses_the_middle, model
from PIL import Image

from vaultc.evaluation.picture import colour_of, png_of, size_text
from vaultc.evaluation.plan import Plan, depths_of
from vaultc.evaluation.result import Measured
from vaultc.evaluation.tasks import TASKS


def picture(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


def area(image: Image.Image, share: float) -> int:
    wanted = colour_of(share)
    return sum(count for count, colour in image.getcolors(1 << 20) or () if colour == wanted)


def test_a_lost_middle_is_seen_in_the_picture() -> None:
    plan = Plan((1024, 2048), depths_of(5), ("single",), ("en",), 1)

    good = picture(png_of(checked(model(Reader()), plan), ["a model"]))
    bad = picture(png_of(checked(model(Reader(sees=loses_the_middle)), plan), ["a model"]))

    assert area(good, 0.0) == 0
    # Six of ten cells have another colour; digits and the cells' edges take the rest.
    assert area(bad, 0.0) > 0.4 * area(good, 1.0)
    assert 0.3 * area(good, 1.0) < area(bad, 1.0) < 0.5 * area(good, 1.0)


@pytest.mark.parametrize("plan", [
    Plan((4096, 8192, 16_384, 32_768, 65_536, 131_072), depths_of(11), TASKS, ("en", "ru"), 10),
    Plan((1000,), (50,), ("contradiction",), ("ru",), 1),
])  # fmt: skip
def test_a_map_without_results_is_drawn_too(plan: Plan) -> None:
    image = picture(png_of(Measured(plan), ["Модель 30B"] * 4))

    assert image.width >= 600
    assert image.height < 1500


def test_the_same_results_give_the_same_bytes() -> None:
    plan = Plan((1024,), depths_of(3), TASKS, ("en",), 1)

    assert png_of(checked(model(Reader()), plan), ["x"]) == png_of(checked(model(Reader()), plan), ["x"])


def test_colours_grow_brighter_with_the_share() -> None:
    brightness = [sum(colour_of(share / 20)) for share in range(21)]

    assert brightness == sorted(brightness)


def test_sizes_are_short() -> None:
    assert [size_text(tokens) for tokens in (4096, 131_072, 40_000, 500)] == ["4K", "128K", "40000", "500"]


def test_a_long_line_makes_the_picture_wider() -> None:
    plan = Plan((1024,), (50,), ("single",), ("en",), 1)

    short, long = (picture(png_of(Measured(plan), ["w" * count])).width for count in (10, 300))

    assert long > short + 1000
