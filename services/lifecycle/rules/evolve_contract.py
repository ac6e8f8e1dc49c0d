"""Folds what happened to the contract, and to agreements, into the state of an Sx (CO-1, ED-7)."""

from msgspec.structs import replace

from services.lifecycle.rules import changes as c
from services.lifecycle.rules import status as s
from services.lifecycle.rules.state import SxState
from services.lifecycle.rules.versions import PAPER, Contract, ContractVersion


def _version_changed(state: SxState, changed: ContractVersion) -> SxState:
    versions = tuple(
        changed if version.number == changed.number else version
        for version in state.contract.versions
    )
    return replace(state, contract=replace(state.contract, versions=versions))


def _voided(contract: Contract, at: int) -> Contract:
    """The open version, if any, is void from `at` on (CO-1, CO-4)."""
    unsigned = contract.unsigned
    if unsigned is None:
        return contract
    versions = tuple(
        replace(version, voided_at=at) if version is unsigned else version
        for version in contract.versions
    )
    return replace(contract, versions=versions)


def issued(state: SxState, what: c.ContractIssued, at: int) -> SxState:
    """A version was sent; the open one before it is void from then on (CO-1)."""
    before = _voided(state.contract, at)
    version = ContractVersion(
        number=what.contract_version,
        agreement_id=what.agreement_id,
        channel=what.channel,
        sent_at=at,
    )
    return replace(state, contract=replace(before, versions=(*before.versions, version)))


def signed(state: SxState, what: c.ContractSigned, at: int) -> SxState:
    """`signed_at` dates it; on paper, an agreement that was open is void (ED-8)."""
    version = state.contract.version(what.contract_version)
    assert version is not None, "only a version that was sent is signed"
    on_paper = what.channel == PAPER
    voided_at = at if on_paper and version.channel != PAPER else version.voided_at
    changed = replace(
        version,
        signed_at=what.signed_at,
        on_paper=on_paper,
        voided_at=voided_at,
        after_cancel=state.status == s.CANCELED,
    )
    return _version_changed(state, changed)


def skipped(state: SxState, _what: c.ContractSkipped, at: int) -> SxState:
    """No signature is awaited any more, an open agreement is void (CO-4)."""
    return replace(state, contract=replace(_voided(state.contract, at), skipped=True))


def uploaded(state: SxState, what: c.ContractUploaded, _at: int) -> SxState:
    """The scan of a version signed on paper is there (CO-3)."""
    version = state.contract.version(what.contract_version)
    assert version is not None, "only a version that was signed has a scan"
    return _version_changed(state, replace(version, uploaded=True))


def agreement_failed(state: SxState, what: c.AgreementFailed, _at: int) -> SxState:
    """What was told of an agreement is told once (ED-7)."""
    if what.agreement == "WCF":
        if state.wcf is None:
            return state
        failures = (*state.wcf.failures, what.failure)
        return replace(state, wcf=replace(state.wcf, failures=failures))
    version = state.contract.version(what.contract_version or 0)
    if version is None:
        return state
    return _version_changed(state, replace(version, failures=(*version.failures, what.failure)))
