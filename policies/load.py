"""Reads and checks the policies: the shipped files, and what a mounted one says otherwise.

`defaults.yaml`, then the BU's own file, then the overrides: what is read later beats what was
read before, key by key. All that is wrong is told at once (`PolicyError`).
"""

import json
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path

import yaml
from pydantic import ValidationError

from policies.keys import PolicyError, Problem, Statements
from policies.model import Policy
from policies.units import BUSINESS_UNITS, Policies
from policies.version import seal, version_of

Overrides = Path | Mapping[str, object] | None


def load_policies(overrides: Overrides = None) -> Policies:
    """The policies of all BUs; PolicyError lists every problem by file, key and reason.

    `overrides`: a file (or a mapping) by BU of the keys that differ from the shipped ones, dotted
    or nested; or a folder of files named after BUs (`LMES.yaml`), each of one BU's keys. A store's
    values stay what they are unless the override names them too.
    """
    problems: list[Problem] = []
    shipped = resources.files("policies")
    statements = {bu: Statements(bu, problems) for bu in BUSINESS_UNITS}
    for bu, stated in statements.items():
        for file in ("defaults.yaml", f"{bu}.yaml"):
            text = shipped.joinpath(file).read_text("utf-8")
            stated.read(file, _document(file, text, problems))
    for file, bu, document in _overrides(overrides, problems):
        if bu in statements:
            statements[bu].read(file, document)
        else:
            known = ", ".join(BUSINESS_UNITS)
            problems.append(Problem(file, bu, f"is no business unit (known: {known})"))
    by_bu = {bu: _policy(stated, f"{bu}.yaml") for bu, stated in statements.items()}
    if problems:
        raise PolicyError(list(dict.fromkeys(problems)))
    return Policies({bu: seal(policy) for bu, policy in by_bu.items() if policy is not None})


def policy_from_text(text: str) -> Policy:
    """The policy of an effective text, under the version that the text has (ED-12).

    It decides by the holiday and zone data installed here: compare `version.data_of(text)`.
    """
    document = json.loads(text)
    stated = Statements(str(document["bu"]), [])
    stated.read("text", {**document["keys"], "stores": document["stores"]})
    policy = _policy(stated, "text")
    if policy is None:
        raise PolicyError(stated.problems)
    return policy.sealed(version_of(text), text)


def _overrides(source: Overrides, problems: list[Problem]) -> Iterator[tuple[str, str, object]]:
    if isinstance(source, Path) and source.is_dir():
        files = sorted(source.glob("*.yaml"))
        if not files:
            problems.append(Problem(str(source), "", "holds no policy file (such as LMES.yaml)"))
        for file in files:
            yield str(file), file.stem, _file(file, problems)
        return
    name = str(source) if isinstance(source, Path) else "overrides"
    by_bu = _file(source, problems) if isinstance(source, Path) else (source or {})
    if not isinstance(by_bu, Mapping):
        problems.append(Problem(name, "", "is no mapping of business units to keys"))
        return
    for bu, document in by_bu.items():
        yield name, str(bu), document


def _file(path: Path, problems: list[Problem]) -> object:
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        problems.append(Problem(str(path), "", f"can't be read: {error}"))
        return {}
    return _document(str(path), text, problems)


class _TextLoader(yaml.BaseLoader):
    """Every scalar as text, so that `off`, `07:00` and `010` stay what they say; no key twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:
        seen: set[object] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} stands there twice", key.start_mark
                )
            if isinstance(key, yaml.ScalarNode):
                seen.add(key.value)
        return dict(super().construct_mapping(node, deep))


def _document(file: str, text: str, problems: list[Problem]) -> object:
    try:
        document = yaml.load(text, _TextLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"line {mark.line + 1}" if mark else ""
        problems.append(Problem(file, where, f"is no YAML: {error.problem}"))
        return {}
    except yaml.YAMLError as error:
        problems.append(Problem(file, "", f"is no YAML: {error}"))
        return {}
    return {} if document in (None, "") else document


def _policy(stated: Statements, own_file: str) -> Policy | None:
    try:
        return Policy.model_validate({"bu": stated.bu, **stated.nested()})
    except ValidationError as error:
        for wrong in error.errors():
            key = ".".join(str(part) for part in wrong["loc"])
            cause = wrong.get("ctx", {}).get("error")
            if cause is not None:
                reason = str(cause)
            elif wrong["type"] == "missing":
                reason = "is missing"
            else:
                reason = f"{wrong['input']!r}: {wrong['msg'][0].lower()}{wrong['msg'][1:]}"
            stated.wrong(stated.file_of(key, own_file), key, reason)
        return None
