"""Apache Kafka's jars: resolved from a Maven repository once per user, then never again.

`kafka_jars()` gives the folder that holds them.  It lies in the user's cache (`SX_CACHE_DIR`,
`XDG_CACHE_HOME` or `~/.cache`) and is complete as soon as its `complete.json` is there, so it can
be copied to a machine without network.  `SX_MAVEN_MIRROR` names another repository than Maven
Central.
"""

import fcntl
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, SpinnerColumn, TextColumn

from stack.process import StackError

KAFKA_VERSION = "4.4.0"
KAFKA = f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}"
# In an environment of its own: as a second coordinate a log binding changes what is resolved.
LOG_BINDING = "org.slf4j:slf4j-simple:1.7.36"
_COMPLETE = "complete.json"


class ArtifactsError(StackError):
    """The jars are not here and could not be fetched; the text says what to do."""


def cache_folder() -> Path:
    """Where this user's downloads are kept."""
    if chosen := os.environ.get("SX_CACHE_DIR"):
        return Path(chosen).expanduser()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "service-execution"


def kafka_jars(cache: Path | None = None, console: Console | None = None) -> Path:
    """The folder of the broker's jars; fetches them the first time, with progress on `console`.

    Touches no network when the folder is complete.  Raises ArtifactsError if they cannot be had or
    are not the pinned version.
    """
    cache = cache or cache_folder()
    folder = cache / f"kafka-{KAFKA_VERSION}"
    if _complete(folder):
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    with _locked(cache / f"kafka-{KAFKA_VERSION}.lock"):
        if not _complete(folder):
            _fetch(folder, console or Console(stderr=True))
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
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fetch(folder: Path, console: Console) -> None:
    if not console.is_terminal:
        console.print(f"Fetching Apache Kafka {KAFKA_VERSION} (about 43 MB, once) …")
    # jgo writes straight into its repository: an interrupted download must not pass for a jar, so
    # everything is fetched into a folder that is thrown away, and moved when it is whole.
    with tempfile.TemporaryDirectory(prefix="fetching-", dir=folder.parent) as scratch:
        try:
            jars = _resolve(Path(scratch), console)
        except (OSError, RuntimeError, ValueError) as error:
            raise ArtifactsError(_advice(folder, error)) from error
        _check(jars, folder)
        whole = Path(scratch) / "whole"
        whole.mkdir()
        for jar in jars:
            shutil.move(jar, whole / jar.name)
        sizes = {jar.name: jar.stat().st_size for jar in sorted(whole.iterdir())}
        (whole / _COMPLETE).write_text(json.dumps(sizes, indent=1) + "\n")
        shutil.rmtree(folder, ignore_errors=True)
        whole.rename(folder)


def _resolve(scratch: Path, console: Console) -> list[Path]:
    import jgo.env
    import jgo.maven

    # It complains that there is no `jar` tool; nothing here needs one.
    logging.getLogger("jgo").setLevel(logging.ERROR)
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        console=console,
    ) as progress:
        task = progress.add_task(f"Apache Kafka {KAFKA_VERSION}: finding its parts", total=None)
        done = 0
        known = 0

        @contextmanager
        def one_file(name: str, size: int) -> Iterator[Callable[[int], None]]:
            nonlocal done, known
            known += size
            progress.update(task, description=f"Apache Kafka {KAFKA_VERSION}: {name}", total=known)

            def advance(count: int) -> None:
                nonlocal done
                done += count
                progress.update(task, completed=done)

            yield advance

        mirror = os.environ.get("SX_MAVEN_MIRROR", "").rstrip("/")
        context = jgo.maven.MavenContext(
            resolver=jgo.maven.PythonResolver(progress_callback=one_file),
            repo_cache=scratch / "repository",
            remote_repos={"mirror": mirror} if mirror else None,
        )
        builder = jgo.env.EnvironmentBuilder(context=context, cache_dir=scratch / "environments")
        kafka = builder.from_endpoint(KAFKA).path
        jars = [*kafka.glob("jars/*.jar"), *kafka.glob("modules/*.jar")]
        binding = builder.from_endpoint(LOG_BINDING).path
        jars += binding.glob("*/slf4j-simple-*.jar")
        progress.update(task, description=f"Apache Kafka {KAFKA_VERSION}", total=done)
    return jars


def _check(jars: list[Path], folder: Path) -> None:
    names = {jar.name for jar in jars}
    wanted = {f"kafka-clients-{KAFKA_VERSION}.jar", f"kafka_2.13-{KAFKA_VERSION}.jar"}
    strange = {
        name
        for name in names
        if name.startswith(("kafka-", "kafka_")) and not name.endswith(f"-{KAFKA_VERSION}.jar")
    }
    if strange or not wanted <= names:
        found = ", ".join(sorted(strange or names))
        raise ArtifactsError(
            _advice(folder, RuntimeError(f"resolved to something else than {KAFKA}: {found}"))
        )


def _advice(folder: Path, error: Exception) -> str:
    return (
        f"Apache Kafka {KAFKA_VERSION} is not in {folder} and could not be fetched.\n"
        f"  cause: {' '.join(str(error).split())[:400]}\n"
        f"  needed: {KAFKA} and {LOG_BINDING}, with what they depend on (about 43 MB, once)\n"
        "One of these helps:\n"
        "  - connect this machine to the network and start again;\n"
        "  - set SX_MAVEN_MIRROR to the address of a Maven repository that it can reach;\n"
        f"  - copy {folder} from a machine where it is there (SX_CACHE_DIR moves its parent);\n"
        "  - use a broker of your own: set SX_KAFKA_BOOTSTRAP_SERVERS (Apache Kafka 4.0 or later)."
    )
