"""Days of the week as policy files write them: "Mon-Fri", "Mon,Wed,Sat"."""

_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def parse_weekdays(text: str) -> frozenset[int]:
    """The days (Monday is 0) of a text such as "Mon-Sat" or "Mon,Thu-Fri".

    Raises ValueError for another word, an empty text, or a range that runs backwards.
    """
    found: set[int] = set()
    for part in text.split(","):
        ends = [_number(word.strip()) for word in part.split("-")]
        if len(ends) > 2 or ends[0] > ends[-1]:
            raise ValueError(f"{part.strip()!r} is no range of days (such as Mon-Fri)")
        found.update(range(ends[0], ends[-1] + 1))
    return frozenset(found)


def show_weekdays(days: frozenset[int]) -> str:
    """The shortest text that `parse_weekdays` reads as these days: "Mon-Fri,Sun"."""
    runs: list[list[int]] = []
    for day in sorted(days):
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ",".join(
        _NAMES[run[0]] if len(run) == 1 else f"{_NAMES[run[0]]}-{_NAMES[run[-1]]}" for run in runs
    )


def _number(word: str) -> int:
    if word.title() not in _NAMES:
        raise ValueError(f"{word!r} is no day of the week ({', '.join(_NAMES)})")
    return _NAMES.index(word.title())
