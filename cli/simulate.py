"""`sx simulate`: plays a scenario in memory, on stepped time, and prints its outcome."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.errors import CommandError
from cli.instants import Until
from cli.output import AsJson, as_json, show_outcome


def simulate(
    file: Annotated[Path, typer.Argument(help="A scenario: one event in JSON form a line.")],
    until: Until,
    policy: Annotated[
        Path | None,
        typer.Option(help="A YAML file: by business unit, the policy keys that differ."),
    ] = None,
    json: AsJson = False,
) -> None:
    """Play a scenario file in memory and print its outcome at an instant.

    Time moves from event to event and deadline to deadline; nothing is sent to anybody.
    """
    from policies.keys import PolicyError
    from stack.scenario.script import BadScript
    from stack.scenario.simulation import Simulation

    try:
        simulation = Simulation.of(policy)
        outcome = simulation.play_file(file, until)
    except (OSError, BadScript, PolicyError) as error:
        raise CommandError(str(error)) from error
    if json:
        as_json(outcome)
    else:
        show_outcome(outcome)
