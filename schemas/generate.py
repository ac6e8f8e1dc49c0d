"""Makes what follows from the ``.avsc`` files: the Python types, and the ids of new schemas.

``sx schemas generate`` calls `generate`; a test fails when what is committed is stale. A new event
takes it twice: its ``.avsc`` file, generate (its type), its topic in the catalogue and in
docs/events.md or docs/topology.md, generate (its id).
"""

import subprocess
import sys
from pathlib import Path

from schemas import lock, pythontypes
from schemas.avsc import AVSC, read
from schemas.check import Problem, incompatible

HERE = Path(__file__).parent


class IncompatibleError(Exception):
    """A schema changed in a way that the committed versions forbid: it gets no id."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


def types() -> dict[Path, str]:
    """The text that each file of ``schemas/types`` must have, formatted, by path."""
    texts = {
        HERE / "types" / f"{name}.py": _formatted(text)
        for name, text in pythontypes.modules(read(AVSC)).items()
    }
    texts[HERE / "types" / "__init__.py"] = (
        '"""The types of everything that travels, one module per namespace; generated."""\n'
    )
    return texts


def ids() -> dict[Path, str]:
    """The text that ``ids.lock`` must have: every committed line, and new ids at its end.

    Raises `IncompatibleError` instead of giving an id to a schema that breaks the others.
    """
    committed, texts = lock.read(), lock.current(read(AVSC))
    problems = incompatible(texts, committed)
    if problems:
        raise IncompatibleError(problems)
    return {lock.IDS_LOCK: lock.written(lock.with_new(committed, texts))}


def generate(write: bool) -> list[Path]:
    """The paths whose text is not what follows from the schemas; with `write` they are written.

    The types come first: a record that the catalogue takes up needs its type. Raises
    `IncompatibleError` as `ids` does.
    """
    changed = []
    for path, text in (types() | ids()).items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            changed.append(path)
            if write:
                path.write_text(text, encoding="utf-8")
    return changed


def _formatted(text: str) -> str:
    command = [sys.executable, "-m", "ruff", "format", "-q"]
    done = subprocess.run(
        [*command, "--stdin-filename", str(HERE / "types" / "new.py"), "-"],
        input=text,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout
