"""Who is loaded when: a giant once, the small ones for good."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from vaultc.model.fit.schedule import Room, Schedule

GB = 10**9


@dataclass
class Model:
    name: str
    schedule: Schedule
    is_loaded: bool = False
    times_let_go: int = field(default=0)

    def let_go(self) -> None:
        assert self.is_loaded
        self.is_loaded = False
        self.times_let_go += 1

    def ask(self) -> None:
        """Do what a call does: load the model where it is not loaded."""
        if not self.is_loaded:
            self.schedule.admit(self)
            self.is_loaded = True


def models(schedule: Schedule, **needs: int) -> dict[str, Model]:
    made = {}
    for name, size in needs.items():
        made[name] = Model(name, schedule)
        schedule.enter(made[name], Room(size * GB))
    return made


def test_models_that_fit_together_stay() -> None:
    schedule = Schedule(Room(96 * GB))
    made = models(schedule, brain=31, hand=60, embedder=1)
    for name in ("brain", "hand", "embedder", "brain", "hand"):
        made[name].ask()
    assert schedule.loads == {"brain": 1, "hand": 1, "embedder": 1}
    assert schedule.loaded() == ("brain", "hand", "embedder")


def test_a_giant_takes_the_place_of_the_largest_and_the_small_stay() -> None:
    said: list[str] = []
    schedule = Schedule(Room(96 * GB), said.append)
    made = models(schedule, brain=31, hand=90, embedder=1)
    made["embedder"].ask()
    made["brain"].ask()
    for _ in range(20):
        made["hand"].ask()
        made["embedder"].ask()
    assert schedule.loads == {"brain": 1, "hand": 1, "embedder": 1}
    assert schedule.loaded() == ("hand", "embedder")
    assert said == ["brain is let go: hand needs its room"]


def test_ram_counts_as_well_as_vram() -> None:
    schedule = Schedule(Room(96 * GB, 110 * GB))
    one, other = Model("one", schedule), Model("other", schedule)
    schedule.enter(one, Room(10 * GB, 90 * GB))
    schedule.enter(other, Room(10 * GB, 30 * GB))
    one.ask()
    other.ask()
    assert schedule.loaded() == ("other",)


def test_a_model_larger_than_the_machine_lets_all_others_go_and_is_tried() -> None:
    schedule = Schedule(Room(10 * GB))
    made = models(schedule, small=1, giant=20)
    made["small"].ask()
    made["giant"].ask()
    assert schedule.loaded() == ("giant",)


def test_where_the_room_is_not_known_nothing_is_let_go() -> None:
    schedule = Schedule(None)
    made = models(schedule, one=500, other=500)
    made["one"].ask()
    made["other"].ask()
    assert schedule.loaded() == ("one", "other")


@given(
    sizes=st.lists(st.integers(1, 60), min_size=1, max_size=5),
    calls=st.lists(st.integers(0, 4), max_size=30),
    room=st.integers(1, 100),
)
def test_what_is_loaded_fits_or_is_one_alone(sizes: list[int], calls: list[int], room: int) -> None:
    schedule = Schedule(Room(room * GB))
    made = list(models(schedule, **{f"m{number}": size for number, size in enumerate(sizes)}).values())
    for call in calls:
        model = made[call % len(made)]
        model.ask()
        loaded = [size for size, other in zip(sizes, made, strict=True) if other.is_loaded]
        assert model.is_loaded
        assert sum(loaded) <= room or len(loaded) == 1
