"""`vaultc check`: forms of output, chosen rules, known findings."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest
from fakes import write_vault

if TYPE_CHECKING:
    from collections.abc import Callable

    from cli.conftest import Done

COPY = "Насос (conflicted copy 2026-03-01 101500).md"
FILES: dict[str, str | bytes] = {
    "Сад/Насос.md": "# Расход\n\nПоливает [[Огород]] и [[Нет такой]].\r\n\r\nСм. 🌊 [[Огород#Граяки]]\n",
    "Сад/Огород.md": "# Грядки\n\nСм. [[Нет такой]], насос стоит внизу.\n",
    "Одна.md": "Ни с чем не связана.\n",
    f"Сад/{COPY}": "# Расход\n",
    "100%: a,b.md": "[[Огород]] [[нет: 1,5%]]\n",
}


@pytest.fixture
def garden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small vault with one finding of most rules; the current folder is beside it."""
    monkeypatch.chdir(tmp_path)
    return write_vault(tmp_path / "vault", FILES)


def codes(done: Done) -> list[str]:
    return [line.split(": ", 1)[1].split(" ", 1)[0] for line in done.out.splitlines()]


def test_findings_stand_in_order_of_files_and_places(run: Callable[..., Done], garden: Path) -> None:
    done = run("check", "--vault", garden, "--format", "concise")

    assert done.out.splitlines() == [
        '100%: a,b.md:1:12: V101 no note is named "нет: 1,5%"',
        "Одна.md:1:1: V106 no note links here, and this note links to none",
        f'Сад/{COPY}:1:1: V107 a sync service kept a second version of "Сад/Насос.md" here; it was not read',
        'Сад/Насос.md:3:23: V101 no note is named "Нет такой"',
        'Сад/Насос.md:5:7: V103 "Сад/Огород.md" has no heading "Граяки"',
        'Сад/Огород.md:3:5: V101 no note is named "Нет такой"',
    ]
    assert done.code == 0
    assert "V101 broken-link           3" in done.err
    assert "5 warnings, 1 info in 4 notes" in done.err


def test_full_tells_the_same_finding_once_and_lists_lonely_notes(run: Callable[..., Done], garden: Path) -> None:
    out = run("check", "--vault", garden).out

    assert out.count('no note is named "Нет такой"') == 1
    assert "note: the same at Сад/Огород.md:3:5" in out
    assert "V106 1 note stands alone: no note links here" in out
    assert 'help: did you mean "Грядки"?' in out
    assert "note: the other version: Сад/Насос.md\n" in out


def test_full_is_cut_at_the_limit_and_says_how_to_see_the_rest(run: Callable[..., Done], garden: Path) -> None:
    write_vault(garden, {f"{number}.md": f"[[нет {number}]]" for number in range(30)})

    out = run("check", "--vault", garden, "--limit", 2).out

    assert "V101 and 31 more broken-link: vaultc check --only V101 --format concise" in out
    assert "V106 and 29 more orphan-note: vaultc check --only V106 --format concise" in out
    assert out.count("no note is named") == 2
    assert run("check", "--vault", garden, "--limit", 0).out.count("no note is named") == 32


def test_only_chosen_rules_are_looked_at(
    run: Callable[..., Done], garden: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vaultc.app.checking.analyse_vault", None)

    done = run("check", "--vault", garden, "--format", "concise", "--only", "V103,sync-conflict", "--only", "v106")

    assert codes(done) == ["V106", "V107", "V103"]


@pytest.mark.native
def test_rules_can_be_left_out_by_code_name_and_setting(run: Callable[..., Done], garden: Path) -> None:
    run("index", garden)
    (garden / ".vaultc" / "config.toml").write_text('[check]\nignore = ["V107", "V999"]\n')

    done = run("check", "--vault", garden, "--format", "concise", "--ignore", "broken-link", "--ignore", "V106")

    assert codes(done) == ["V103"]


def test_a_rule_that_does_not_exist_is_wrong_use(run: Callable[..., Done], garden: Path) -> None:
    done = run("check", "--vault", garden, "--only", "broken-lnik")

    assert done.code == 2
    assert "there is no rule `broken-lnik`" in done.err
    assert "did you mean `broken-link`?" in done.err


@pytest.mark.parametrize("place", ["Сад", "Сад/", "./vault/Сад", "vault/Сад"])
def test_a_folder_can_be_checked_alone(run: Callable[..., Done], garden: Path, place: str) -> None:
    assert codes(run("check", place, "--vault", garden, "--format", "concise")) == ["V107", "V101", "V103", "V101"]


def test_a_note_can_be_checked_by_its_name(run: Callable[..., Done], garden: Path) -> None:
    assert codes(run("check", "Огород", "--vault", garden, "--format", "concise")) == ["V101"]
    assert run("check", "nowhere", "--vault", garden).code == 2
    assert len(codes(run("check", "vault", "--vault", garden, "--format", "concise"))) == 6


def test_a_link_that_a_comment_hides_is_not_reported(run: Callable[..., Done], tmp_path: Path) -> None:
    text = (
        "%% ![[нет 1#х]] %%\n\n%%\n[[нет 2]]\n\n[[нет 3]]\n%%\n[[есть 1]] %% [[нет 4]] %% [[есть 2]]\n"
        "`%%` [[есть 3]] `%%`\n\n%% открыт [[есть 4]]\n"
    )
    vault = write_vault(tmp_path / "v", {"a.md": text})

    done = run("check", "--vault", vault, "--only", "V101", "--json").json

    assert [item["place"]["text"] for item in done["diagnostics"]] == [f"[[есть {number}]]" for number in range(1, 5)]
    assert len(run("links", "--vault", vault, "--json").json["links"]) == 8


def test_routes_of_a_website_are_reported_until_a_setting_says_otherwise(
    run: Callable[..., Done], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {
        "js/array/index.md": "[a](/js/array/) [b](/js/set) [c](img/) [d](nowhere) [e](www.example.org)",
        "d.md": "",
    }
    vault = write_vault(tmp_path / "v", files)

    found = run("check", "--vault", vault, "--only", "V101", "--json").json["diagnostics"]
    monkeypatch.setenv("VAULTC_CHECK_SITE_ROUTES", "false")
    left = run("check", "--vault", vault, "--only", "V101", "--json").json["diagnostics"]

    assert [item["help"] for item in found][::4] == [
        'a website may open "js/array/index.md" here, Obsidian does not; write the path',
        "an address of the web needs its scheme: https://www.example.org",
    ]
    assert [item["place"]["text"] for item in left] == ["[d](nowhere)", "[e](www.example.org)"]


def test_an_unlinked_mention_stands_at_its_first_place_and_tells_the_others(
    run: Callable[..., Done], tmp_path: Path
) -> None:
    files = {
        "Морская свинка.md": "Фрося.",
        "a/Wind tunnel.md": "",
        "b/Wind tunnel.png": "",
        "День.md": "Корм морской свинке. Морская свинка спит.\n\nThe wind tunnel.\n",
    }
    vault = write_vault(tmp_path / "v", files)

    found = run("check", "--vault", vault, "--only", "missing-link", "--json").json["diagnostics"]

    assert [(item["place"]["text"], item["help"]) for item in found] == [
        ("Морская свинка", "write [[Морская свинка]]"),
        ("wind tunnel", "write [[wind tunnel]]"),
    ]
    assert [item["place"]["text"] for item in found[0]["related"]] == ["морской свинке"]


# SARIF


LEVELS = {"none", "note", "warning", "error"}


def check_log(log: dict[str, Any]) -> dict[str, Any]:
    """Hold the log to what the standard's schema requires; give its one run."""
    assert log["version"] == "2.1.0"
    assert log["$schema"].startswith("https://")
    sarif_run: dict[str, Any]
    (sarif_run,) = log["runs"]
    driver = sarif_run["tool"]["driver"]
    assert driver["name"] == "vaultc"
    assert sarif_run["columnKind"] in {"utf16CodeUnits", "unicodeCodePoints"}
    assert all(isinstance(item["executionSuccessful"], bool) for item in sarif_run["invocations"])
    for rule in driver["rules"]:
        assert rule["shortDescription"]["text"]
        assert rule["help"]["text"]
        assert rule["defaultConfiguration"]["level"] in LEVELS
    for result in sarif_run["results"]:
        assert result["message"]["text"]
        assert result["level"] in LEVELS
        assert all(isinstance(mark, str) for mark in result["partialFingerprints"].values())
        related = result.get("relatedLocations", [])
        assert len({place["id"] for place in related}) == len(related)
        for place in [*result["locations"], *related]:
            check_place(place["physicalLocation"])
    return sarif_run


def check_place(place: dict[str, Any]) -> None:
    assert place["artifactLocation"]["uri"]
    region = place.get("region")
    if region is not None:
        assert all(region[key] >= 1 for key in ("startLine", "startColumn", "endLine", "endColumn", "charLength"))
        assert region["charOffset"] >= 0


def test_sarif_holds_what_the_standard_requires(run: Callable[..., Done], garden: Path) -> None:
    log = json.loads(run("check", "--vault", garden, "--format", "sarif").out)

    sarif_run = check_log(log)
    rules = sarif_run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["V101", "V103", "V106", "V107"]
    for rule in rules:
        assert unquote(rule["helpUri"]).endswith(f"/docs/diagnostics/{rule['id']}.md")
        assert Path(unquote(rule["helpUri"].removeprefix("file://"))).is_file()
    assert all(rules[item["ruleIndex"]]["id"] == item["ruleId"] for item in sarif_run["results"])
    marks = [item["partialFingerprints"]["vaultc/v1"] for item in sarif_run["results"]]
    assert len(set(marks)) == len(marks)


def test_sarif_regions_are_exact(run: Callable[..., Done], garden: Path) -> None:
    (sarif_run,) = json.loads(run("check", "--vault", garden, "--format", "sarif").out)["runs"]

    shown = []
    for result in sarif_run["results"]:
        place = result["locations"][0]["physicalLocation"]
        text = (garden / unquote(place["artifactLocation"]["uri"])).read_bytes().decode()
        if "region" in place:
            region = place["region"]
            words = text[region["charOffset"] : region["charOffset"] + region["charLength"]]
            line = re.split(r"\r\n|\n", text)[region["startLine"] - 1]
            assert words == line[region["startColumn"] - 1 : region["endColumn"] - 1] == region["snippet"]["text"]
            shown.append(words)
    assert shown == ["[[нет: 1,5%]]", "[[Нет такой]]", "[[Огород#Граяки]]", "[[Нет такой]]"]
    assert sarif_run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].startswith(
        "100%25%3A"
    )


def test_sarif_of_a_vault_without_findings_is_a_run_without_results(run: Callable[..., Done], tmp_path: Path) -> None:
    log = json.loads(
        run(
            "check", "--vault", write_vault(tmp_path / "v", {"a.md": "[[a]]"}), "--ignore", "V106", "--format", "sarif"
        ).out
    )

    assert check_log(log)["results"] == []


# workflow commands


def test_a_workflow_command_is_one_line_with_what_ends_it_escaped(run: Callable[..., Done], garden: Path) -> None:
    lines = run("check", "--vault", garden, "--format", "github").out.splitlines()

    assert lines[0] == (
        "::warning file=vault/100%25%3A a%2Cb.md,title=V101 broken-link,line=1,endLine=1,col=12,endColumn=25"
        '::no note is named "нет: 1,5%25"%0Acreate the note, or correct the name'
    )
    assert lines[1].startswith("::notice file=vault/Одна.md,title=V106 orphan-note::")
    assert len(lines) == 6


# known findings


def test_known_findings_are_hidden_and_stay_hidden_when_lines_move(run: Callable[..., Done], garden: Path) -> None:
    written = run("check", "--vault", garden, "--write-baseline", "--format", "concise")
    note = garden / "Сад" / "Огород.md"
    note.write_text("Новая строка.\n\n" + note.read_text("utf-8"), encoding="utf-8")

    again = run("check", "--vault", garden, "--format", "concise")

    assert (written.code, written.out) == (0, "")
    assert "6 findings written to the baseline" in written.err
    assert again.out == ""
    assert "6 known findings hidden (baseline)" in again.err
    assert len(codes(run("check", "--vault", garden, "--format", "concise", "--no-baseline"))) == 6


def test_one_more_of_a_known_finding_is_new(run: Callable[..., Done], garden: Path) -> None:
    run("check", "--vault", garden, "--write-baseline")
    note = garden / "Сад" / "Огород.md"
    note.write_text(note.read_text("utf-8") + "Ещё раз [[Нет такой]] и [[иное]].\n", encoding="utf-8")

    document = run("check", "--vault", garden, "--json").json

    assert [item["place"]["text"] for item in document["diagnostics"]] == ["[[Нет такой]]", "[[иное]]"]
    assert document["baseline"] == {"hidden": 6, "gone": 0, "written": None}
    assert document["by_rule"] == {"V101": 2}


def test_known_findings_that_are_gone_are_counted_and_dropped(run: Callable[..., Done], garden: Path) -> None:
    run("check", "--vault", garden, "--write-baseline")
    (garden / "Одна.md").unlink()

    assert "1 known finding no longer occurs" in run("check", "--vault", garden).err
    assert "1 entry that no longer occurred dropped" in run("check", "--vault", garden, "--write-baseline").err
    assert "no longer" not in run("check", "--vault", garden).err


def test_a_part_of_the_vault_changes_its_part_of_the_baseline(run: Callable[..., Done], garden: Path) -> None:
    run("check", "--vault", garden, "--write-baseline")
    (garden / "Сад" / "Огород.md").write_text("# Грядки\n", encoding="utf-8")
    (garden / "Одна.md").unlink()

    assert "1 known finding no longer occurs" in run("check", "Сад", "--vault", garden).err
    run("check", "Сад", "--vault", garden, "--write-baseline")

    rest = run("check", "--vault", garden, "--json").json["baseline"]
    assert (rest["hidden"], rest["gone"]) == (4, 1)
    only = run("check", "--vault", garden, "--only", "V101", "--json").json["baseline"]
    assert (only["hidden"], only["gone"]) == (2, 0)


def test_a_baseline_can_lie_elsewhere_and_is_the_same_each_time(run: Callable[..., Done], garden: Path) -> None:
    run("check", "--vault", garden, "--write-baseline", "--baseline", "known.json")
    first = Path("known.json").read_bytes()
    run("check", "--vault", garden, "--write-baseline", "--baseline", "known.json")

    assert Path("known.json").read_bytes() == first
    assert json.loads(first)["findings"][0] == {
        "rule": "V101",
        "path": "100%: a,b.md",
        "text": "[[нет: 1,5%]]",
        "count": 1,
    }
    assert codes(run("check", "--vault", garden, "--format", "concise", "--baseline", "known.json")) == []
    assert len(codes(run("check", "--vault", garden, "--format", "concise"))) == 6


@pytest.mark.parametrize(
    "content", ["# Заметка\n", "{}", '{"version": 2, "findings": []}', '{"version": 1, "findings": [1]}']
)
def test_a_file_that_is_no_baseline_is_never_written_over(run: Callable[..., Done], garden: Path, content: str) -> None:
    note = garden / "Одна.md"
    note.write_text(content, encoding="utf-8")

    done = run("check", "--vault", garden, "--write-baseline", "--baseline", note)

    assert done.code == 2
    assert note.read_text("utf-8") == content


def test_a_baseline_that_is_named_must_be_there(run: Callable[..., Done], garden: Path) -> None:
    done = run("check", "--vault", garden, "--baseline", "known.json")

    assert done.code == 2
    assert "there is no baseline" in done.err
