"""What comes from a Maven repository: fetched once per user, with progress, then never again.

It lies in the user's cache (`SX_CACHE_DIR`, `XDG_CACHE_HOME` or `~/.cache`), a folder for each
download, complete as soon as its `complete.json` is there, so it can be copied to a machine without
network.  `SX_MAVEN_MIRROR` names another repository than Maven Central.
"""

import fcntl
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, SpinnerColumn, TextColumn

from stack.process import StackError

_COMPLETE = "complete.json"


class ArtifactsError(StackError):
    """A download is not here and could not be fetched; the text says what to do."""


@dataclass(frozen=True)
class Download:
    """What is fetched together, into one folder of the cache.

    folder: its name. coordinates: what it is made of, with all that they depend on. advice: what
    helps beside fetching it.
    """

    folder: str
    title: str
    coordinates: tuple[str, ...]
    megabytes: int
    advice: str

    def said(self, folder: Path, error: Exception) -> str:
        """The text for people where it cannot be had."""
        return (
            f"{self.title} is not in {folder} and could not be fetched.\n"
            f"  cause: {' '.join(str(error).split())[:400]}\n"
            f"  needed: {' and '.join(self.coordinates)}, with what they depend on"
            f" (about {self.megabytes} MB, once)\n"
            "One of these helps:\n"
            "  - connect this machine to the network and start again;\n"
            "  - set SX_MAVEN_MIRROR to the address of a Maven repository that it can reach;\n"
            f"  - copy {folder} from a machine where it is there (SX_CACHE_DIR moves its parent);\n"
            f"  - {self.advice}."
        )


class Maven:
    """A Maven repository, while something is fetched from it into a folder to be thrown away."""

    def __init__(self, scratch: Path, progress: Callable[[str, int], Any]) -> None:
        import jgo.env
        import jgo.maven

        # It complains that there is no `jar` tool; nothing here needs one.
        logging.getLogger("jgo").setLevel(logging.ERROR)
        mirror = os.environ.get("SX_MAVEN_MIRROR", "").rstrip("/")
        self._context = jgo.maven.MavenContext(
            resolver=jgo.maven.PythonResolver(progress_callback=progress),
            repo_cache=scratch / "repository",
            remote_repos={"mirror": mirror} if mirror else None,
        )
        self._builder = jgo.env.EnvironmentBuilder(
            context=self._context, cache_dir=scratch / "environments"
        )

    def jars(self, coordinate: str) -> list[Path]:
        """The jars of `group:artifact:version` and of all that it depends on."""
        return sorted(self._builder.from_endpoint(coordinate).path.glob("*/*.jar"))

    def file(self, coordinate: str, classifier: str, packaging: str) -> Path:
        """The one file of `group:artifact:version` with this classifier and packaging."""
        group, artifact, version = coordinate.split(":")
        component = self._context.project(group, artifact).at_version(version)
        found: Path = component.artifact(classifier, packaging).resolve()
        return found


def cache_folder() -> Path:
    """Where this user's downloads are kept."""
    if chosen := os.environ.get("SX_CACHE_DIR"):
        return Path(chosen).expanduser()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "service-execution"


def fetched(
    download: Download,
    fetch: Callable[[Maven, Path], None],
    cache: Path | None = None,
    console: Console | None = None,
) -> Path:
    """The folder of a download; `fetch` fills it the first time, with progress on `console`.

    Touches no network when the folder is complete.  Raises ArtifactsError if it cannot be had; what
    `fetch` raises as OSError, RuntimeError or ValueError becomes one.
    """
    cache = cache or cache_folder()
    folder = cache / download.folder
    if _complete(folder):
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    with locked(cache / f"{download.folder}.lock"):
        if not _complete(folder):
            _fetch(download, fetch, folder, console or Console(stderr=True))
    return folder


def _complete(folder: Path) -> bool:
    try:
        sizes = json.loads((folder / _COMPLETE).read_text())
        return bool(sizes) and all(
            (folder / name).stat().st_size == size for name, size in sizes.items()
        )
    except (OSError, ValueError):
        return False


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """One process at a time, by a file that stays."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fetch(
    download: Download, fetch: Callable[[Maven, Path], None], folder: Path, console: Console
) -> None:
    if not console.is_terminal:
        console.print(f"Fetching {download.title} (about {download.megabytes} MB, once) …")
    # jgo writes straight into its repository: an interrupted download must not pass for a jar, so
    # everything is fetched into a folder that is thrown away, and moved when it is whole.
    with tempfile.TemporaryDirectory(prefix="fetching-", dir=folder.parent) as scratch:
        whole = Path(scratch) / "whole"
        whole.mkdir()
        try:
            with _shown(download, console) as progress:
                fetch(Maven(Path(scratch), progress), whole)
        except (OSError, RuntimeError, ValueError) as error:
            raise ArtifactsError(download.said(folder, error)) from error
        files = sorted(path for path in whole.rglob("*") if path.is_file())
        sizes = {str(path.relative_to(whole)): path.stat().st_size for path in files}
        (whole / _COMPLETE).write_text(json.dumps(sizes, indent=1) + "\n")
        shutil.rmtree(folder, ignore_errors=True)
        whole.rename(folder)


@contextmanager
def _shown(download: Download, console: Console) -> Iterator[Callable[[str, int], Any]]:
    """Shows what is fetched; what it yields is called with each file's name and size."""
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        console=console,
    ) as progress:
        task = progress.add_task(f"{download.title}: finding its parts", total=None)
        done = known = 0

        @contextmanager
        def one_file(name: str, size: int) -> Iterator[Callable[[int], None]]:
            nonlocal done, known
            known += size
            progress.update(task, description=f"{download.title}: {name}", total=known)

            def advance(count: int) -> None:
                nonlocal done
                done += count
                progress.update(task, completed=done)

            yield advance

        yield one_file
        progress.update(task, description=download.title, total=done)
