"""`python -m stack.compile_kernel`: compiles what runs for each record, by mypyc.

The compiled modules lie beside the kernel's sources (`streams.compilation`).
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from streams.compilation import FOLDER, MADE_FROM, MODULES, SOURCES, digest


def build() -> None:
    """Compiles it anew. Raises what setuptools raises without a compiler, SystemExit for types."""
    from mypyc.build import mypycify
    from setuptools import Distribution

    made_from = digest()
    shutil.rmtree(FOLDER, ignore_errors=True)
    os.chdir(SOURCES.parent)
    with TemporaryDirectory() as scratch:
        extensions = mypycify(
            [
                "--config-file=",
                "--strict",
                "--explicit-package-bases",
                f"--cache-dir={scratch}/types",
                *[f"{SOURCES.name}/{name}.py" for name in MODULES],
            ],
            group_name="streams.deciding",
            target_dir=f"{scratch}/c",
        )
        compiler = Distribution({"ext_modules": extensions}).get_command_obj("build_ext")
        compiler.build_lib, compiler.build_temp = f"{scratch}/made", f"{scratch}/objects"
        compiler.ensure_finalized()
        compiler.run()
        shutil.copytree(Path(scratch, "made", SOURCES.name), FOLDER)
    MADE_FROM.write_text(made_from)


if __name__ == "__main__":
    try:
        build()
    except (Exception, SystemExit) as error:
        print(f"The kernel is not compiled and runs as it is written, slower: {error}")
        sys.exit(1)
