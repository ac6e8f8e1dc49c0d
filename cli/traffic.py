"""`sx traffic`: a seeded world of upstream systems, live, stepped, or as a file of events."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from cli.errors import CommandError
from cli.instants import parse_instant
from cli.output import AsJson

EPILOG = (
    "Examples: sx traffic --rate 20 --for 60s · sx traffic --stepped --orders 200 --days 30 ·"
    " sx traffic --to march.jsonl --orders 50 && sx simulate march.jsonl --until …"
)
_START = "2026-03-02T00:00:00Z"


def _seconds(text: str) -> float:
    """The seconds of a duration such as 60s, 5min or 2h; a usage error says how one looks."""
    from policies.span import Span

    try:
        return Span.parse(text).ms / 1000
    except ValueError as error:
        raise typer.BadParameter(f"{error}") from error


def _business_units(text: str | None) -> tuple[str, ...]:
    """Those that a list names, all where there is none; a usage error names them."""
    from policies.units import BUSINESS_UNITS

    if text is None:
        return BUSINESS_UNITS
    wanted = tuple(dict.fromkeys(name.strip().upper() for name in text.split(",")))
    for name in wanted:
        if name not in BUSINESS_UNITS:
            known = ", ".join(BUSINESS_UNITS)
            raise typer.BadParameter(f"--countries: {name!r} is none of {known}")
    return wanted


def traffic(
    seed: Annotated[
        int | None,
        typer.Option(min=0, help="The same seed gives the same traffic. Live: by the clock."),
    ] = None,
    rate: Annotated[float, typer.Option(min=0.01, help="Live: orders a second.")] = 5.0,
    seconds: Annotated[
        float,
        typer.Option("--for", parser=_seconds, metavar="TIME", help="Live: how long, such as 60s."),
    ] = "60s",  # type: ignore[assignment]  # typer parses it
    stepped: Annotated[
        bool, typer.Option("--stepped", help="On simulated time, in memory, to its end.")
    ] = False,
    real: Annotated[
        bool,
        typer.Option("--real", help="Stepped: on the local Kafka, with workers of its own."),
    ] = False,
    to: Annotated[
        Path | None,
        typer.Option(help="Only write the records to this file, for `sx simulate`."),
    ] = None,
    orders: Annotated[
        int | None, typer.Option(min=1, help="How many orders. Stepped: 200; live: by the rate.")
    ] = None,
    days: Annotated[float, typer.Option(min=0.1, help="Stepped: how many days are played.")] = 30.0,
    start: Annotated[
        int,
        typer.Option(parser=parse_instant, metavar="TIME", help="Stepped: when it begins."),
    ] = _START,  # type: ignore[assignment]
    countries: Annotated[
        str | None,
        typer.Option(metavar="LMES,…", help="Which countries; all by default."),
    ] = None,
    poison: Annotated[
        float,
        typer.Option(min=0, max=0.5, help="The share of records that nobody can read, such as .02"),
    ] = 0.0,
    policy: Annotated[
        Path | None,
        typer.Option(help="A YAML file of policy keys that differ: as the services are told it."),
    ] = None,
    json: AsJson = False,
) -> None:
    """Be all upstream systems: shops, customers who sign late or never, Pros who refuse or forget.

    Orders of five countries with all that is said about them until the survey; some records come
    twice, some late, some before what they need, and with --poison some that nobody can read. Live,
    an hour of a life lasts a tenth of a second, and the services run (`sx up --workers`). The same
    seed, start, countries and policies give the same records byte for byte; live, a seed that was
    used before is nothing but duplicates.
    """
    from cli.traffic_plan import Wanted
    from cli.traffic_runs import live, real_stepped, simulated, written

    if real and not stepped:
        raise CommandError("--real is one more way to play --stepped: give both")
    wanted = Wanted(
        seed=seed if seed is not None else (1 if stepped or to else int(time.time())),
        rate=rate,
        seconds=float(seconds),
        orders=orders,
        days=days,
        start=start,
        countries=_business_units(countries),
        poison=poison,
        policy=policy,
    )
    if to is not None:
        written(wanted, to, json)
    elif not stepped:
        live(wanted, json)
    elif real:
        real_stepped(wanted, json)
    else:
        simulated(wanted, json)
