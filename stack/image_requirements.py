"""`python stack/image_requirements.py [EXTRA…]`: the part of the lock that an image needs.

Prints requirements.lock, hashes included, without what only other extras of pyproject.toml want: a
service's image holds no test tools and no JRE.  Standard library only: it runs before anything is
installed.
"""

import re
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

PROJECT = Path(__file__).parents[1]


def wanted_blocks(lock: str, direct: Iterable[str]) -> list[str]:
    """The lock's entries for the requirements `direct` and for what these need, in its order."""
    blocks = {
        _name(block): block for block in re.split(r"^(?=[\w.-]+==)", lock, flags=re.MULTILINE)[1:]
    }
    wanted = {_name(requirement) for requirement in direct}
    # The lock says of each entry who wants it; what is wanted grows until nothing joins it.
    wanted_by = {
        name: {_name(parent) for parent in re.findall(r"^ +# (?:via )? *([\w.-]+)", block, re.M)}
        for name, block in blocks.items()
    }
    while more := {name for name, by in wanted_by.items() if by & wanted} - wanted:
        wanted |= more
    return [block for name, block in blocks.items() if name in wanted]


def _name(text: str) -> str:
    found = re.match(r"[\w.-]+", text)
    return re.sub(r"[-_.]+", "-", found[0]).lower() if found else ""


def main(extras: list[str]) -> None:
    """Print the entries for the run-time dependencies and those of `extras`."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    direct = list(project["dependencies"])
    for extra in extras:
        direct += project["optional-dependencies"][extra]
    sys.stdout.writelines(wanted_blocks((PROJECT / "requirements.lock").read_text(), direct))


if __name__ == "__main__":
    main(sys.argv[1:])
