"""What the documents mention is there: links, files, folders, targets, commands, settings, ids."""

from __future__ import annotations

import re
from functools import cache
from typing import get_args

import pytest

from streams.rules import Verdict
from tests.docs.commands import called, declared, leaves
from tests.docs.pages import PAGES, ROOT, anchors, code_words, consoles, links, text_of

MADE_LATER = (".venv", ".stack")
"""Folders that are there only once something has run."""

CODE = ("cli", "policies", "schemas", "services", "simulation", "stack", "streams")

_PATH = re.compile(r"[\w.*<>-]+(?:/[\w.*<>-]*)+")
_FILE = re.compile(r"[\w.*<>-]*\w\.(?:avsc|jsonl|lock|md|py|toml|yaml|yml)")
_HOLE = re.compile(r"<\w+>|NAME")
_CHAPTERS = "PX|OR|SX|AC|CO|MA|TV|RW|XC|TK|NO|MO|ED|DE|K"
_ID = re.compile(rf"\b(?:{_CHAPTERS})-\d+\b|(?<![A-Za-z\d])(?:{_CHAPTERS})_\d+(?=_|\b)")
_SETTING = re.compile(r"\bSX_[A-Z][A-Z_]*[A-Z]\b")


@cache
def code() -> dict[str, str]:
    return texts(*CODE)


def texts(*folders: str) -> dict[str, str]:
    paths = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in paths}


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    for link in links(page):
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        target = (ROOT / page).parent / path if path else ROOT / page
        assert target.exists(), f"{page} links to {link}"
        if anchor:
            assert anchor in anchors(str(target.resolve().relative_to(ROOT))), f"{page}: {link}"


@pytest.mark.parametrize("page", PAGES)
def test_files_and_folders_are_there(page: str) -> None:
    to_come = set(re.findall(r"A new file, `([^`]+)`", text_of(page)))
    assert [word for word in code_words(page) if word not in to_come and not there(word)] == []


def there(word: str) -> bool:
    """Whether a code word names no file or folder, or one that is there (`<name>`: any)."""
    pattern = _HOLE.sub("*", word)
    folder, _, name = pattern.rpartition("/")
    top = pattern.partition("/")[0]
    if top in MADE_LATER:
        return True
    if _PATH.fullmatch(word) and (_FILE.fullmatch(name) or (ROOT / top).exists()):
        return any(ROOT.glob(pattern.rstrip("/")))
    if not folder and _FILE.fullmatch(word):
        places = [ROOT / place for place in (*CODE, "docs", "tests")]
        return any(ROOT.glob(name)) or any(any(place.rglob(name)) for place in places)
    return True


@pytest.mark.parametrize("page", PAGES)
def test_commands_and_targets_are_there(page: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    lines = re.findall(r"^([a-z-]+(?: [a-z-]+)*):", makefile, re.MULTILINE)
    targets = {target for line in lines for target in line.split()}
    typed = [*code_words(page), *(step.command for block, step in consoles() if block.page == page)]
    for line in typed:
        words = tuple(line.removeprefix(".venv/bin/").split())
        if words[0] == "make" and len(words) > 1:
            assert words[1] in targets, f"{page}: {line}"
        if words[0] == "sx" and len(words) > 1:
            command, unknown = called(words)
            assert len(command) > 1 or words[1] == "--help", f"{page}: {line}"
            assert unknown == [], f"{page}: {line}"


@pytest.mark.parametrize("page", PAGES)
def test_settings_are_known(page: str) -> None:
    for setting in set(_SETTING.findall(text_of(page))):
        if setting.startswith("SX_KAFKA_"):
            continue  # librdkafka's own, passed through
        field = setting.removeprefix("SX_").lower()
        read = re.compile(rf"\b{setting}\b|^    {field}: ", re.MULTILINE)
        assert any(read.search(text) for text in code().values()), f"{page}: {setting}"


def test_each_id_that_code_and_tests_cite_is_written_down() -> None:
    """ED-…, CO-… in docs/domain.md, K-… in docs/kernel.md."""
    written = set(
        re.findall(r"\*\*([A-Z]+-\d+)\*\*", text_of("docs/domain.md") + text_of("docs/kernel.md"))
    )
    written |= set(re.findall(r"^\| (AC-\d+)", text_of("docs/domain.md"), re.MULTILINE))
    # a test writes `test_CO_2_sent_within_window`
    cited = {
        (path, one.replace("_", "-"))
        for path, text in {**code(), **texts("tests")}.items()
        for one in _ID.findall(text)
    }
    assert {(path, one) for path, one in cited if one not in written} == set()


def test_readme_lists_every_command() -> None:
    listed = {
        tuple(word.split())
        for line in text_of("README.md").splitlines()
        if line.startswith("| `sx")
        for word in re.findall(r"`(sx [a-z -]+)`", line.split("|")[1])
    }
    assert listed == leaves()


@pytest.mark.parametrize("words", sorted(declared()), ids=" ".join)
def test_every_command_and_each_of_its_options_has_help(words: tuple[str, ...]) -> None:
    command = declared()[words]
    assert command.help, "what it does"
    for parameter in command.params:
        assert getattr(parameter, "help", None), f"{' '.join(words)}: {parameter.name}"


def test_readme_names_each_service_and_how_it_is_run() -> None:
    from cli.worker import WORKERS

    rows = re.findall(r"^\| (\w+) \| [^|]+ \| `sx worker (\w+)` \|$", text_of("README.md"), re.M)
    assert rows == [(name, name) for name in WORKERS]


def test_architecture_knows_the_verdicts() -> None:
    named = re.findall(r"^\| `(\w+)` \|", text_of("docs/architecture.md"), re.MULTILINE)
    verdicts = [verdict.__name__ for verdict in get_args(Verdict)]
    assert [name for name in named if name in verdicts] == verdicts
