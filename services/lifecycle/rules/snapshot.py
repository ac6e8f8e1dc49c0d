"""An Sx as others see it after an event: the snapshot, and the personal fields apart (ED-18)."""

from schemas.types.common import Person, SxSnapshot
from services.lifecycle.rules.state import SxState


def snapshot(state: SxState) -> SxSnapshot:
    """The Sx as it is now. No flag is ever set in this version (SX-18)."""
    contract = state.contract.current
    return SxSnapshot(
        status=state.status,
        kind=state.kind,
        tags=state.tags,
        flags=(),
        planned_on=state.planned_on,
        half_day=state.half_day,
        floor_on=state.floor_on,
        initial_planned_on=state.initial_planned_on,
        provider_id=state.provider_id,
        worker_id=state.worker_id,
        offer_id=None if state.allocation is None else state.allocation.offer_id,
        round=state.round,
        contract_version=0 if contract is None else contract.number,
        agreement_id=None if contract is None else contract.agreement_id,
        px_id=state.px_id,
        order_id=state.order_id,
        store_id=state.store_id,
        channel=state.channel,
        customer_key=state.customer_key,
        duration_minutes=state.duration_minutes,
        codes=tuple(line.code for line in state.payable),
        skills=state.skills,
        paid=state.paid,
        checked_in_at=state.checked_in_at,
        checked_out_at=state.checked_out_at,
        confirmed_provider_id=state.confirmed_provider_id,
        pre_estimation=state.pre_estimation,
        sold_by=state.sold_by,
        updated_at=state.updated_at,
    )


def person(state: SxState) -> Person:
    """The customer and his place: the only record with personal fields."""
    customer, worksite = state.customer, state.worksite
    return Person(
        client_id=customer.client_id,
        fiscal_number=customer.fiscal_number,
        name=customer.name,
        email=customer.email,
        phone=customer.phone,
        language=customer.language,
        street=worksite.street,
        zip=worksite.zip,
        city=worksite.city,
        country=worksite.country,
    )
