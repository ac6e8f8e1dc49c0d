"""`sx show`: an Sx or a Px as it is, and how it came to be so."""

from __future__ import annotations

import os
from difflib import get_close_matches
from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from cli.environment import REDIS, settled
from cli.errors import CommandError
from cli.output import AsJson, as_json
from cli.output import show as printed

if TYPE_CHECKING:
    from services.read_model.rules.views import PxStory, SxStory

_MOST_IDS = 20_000
"""So many ids are looked at for one that resembles an unknown one."""


def show(
    ident: Annotated[
        str,
        typer.Argument(metavar="SX|PX", help="An id such as LMES-701271-I-1 or LMES-P-701271-1."),
    ],
    json: AsJson = False,
) -> None:
    """Show a service execution (Sx) or a project (Px): state, history, tasks, messages.

    The history says when, who, what, why and with which code; a refused action stands there too.
    It is read from the read model, which a worker of its own keeps (`sx worker read_model`).
    """
    from cli.stories import as_data, px_shown, sx_shown
    from services.read_model.rules.views import SxStory

    source = settled(REDIS)
    story = _story(ident, source)
    if json:
        as_json(as_data(story))
    elif isinstance(story, SxStory):
        printed(sx_shown(story))
    else:
        printed(px_shown(story))


def _story(ident: str, source: str) -> SxStory | PxStory:
    from services.read_model.query import show_px, show_sx
    from services.read_model.store import StoreAway
    from services.read_model.valkey import ValkeyStore

    url, prefix = os.environ[REDIS], os.environ.get("SX_PREFIX", "")
    try:
        store = ValkeyStore(url, prefix)
    except ValueError as error:
        raise CommandError(f"{REDIS}: {error}") from error
    try:
        story = show_sx(store, ident) or show_px(store, ident)
        if story is None:
            raise CommandError(_unknown(ident, _known(url, prefix), prefix))
        return story
    except StoreAway as error:
        raise CommandError(
            f"the read model cannot be read at {url} (from {source}): {error}. `sx up -d` starts a"
            f" local one; {REDIS} names another."
        ) from error
    finally:
        store.close()


def _known(url: str, prefix: str) -> list[str]:
    import redis

    with redis.Redis.from_url(url, decode_responses=True) as client:
        names = islice(client.scan_iter(match=f"{prefix}[ps]x:*", count=1000), _MOST_IDS)
        return [name.removeprefix(prefix).partition(":")[2] for name in names]


def _unknown(ident: str, known: list[str], prefix: str) -> str:
    told = f"nothing is known of {ident!r}"
    close = get_close_matches(ident, known, n=3, cutoff=0.6)
    if close:
        return f"{told}; did you mean {' or '.join(close)}?"
    if not known:
        where = f" under SX_PREFIX={prefix}" if prefix else " and SX_PREFIX is not set"
        return f"{told}: the read model is empty{where}. Does `sx worker read_model` run?"
    return f"{told}; `sx read px.events` shows what there is"
