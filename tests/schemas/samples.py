"""An order that is fine, to be changed by the tests."""

from datetime import date
from decimal import Decimal

from schemas.types.common import Address, Customer, OrderLine
from schemas.types.pyxis import OrderCreated

ORDER = OrderCreated(
    order_id="LMES:701271",
    bu="LMES",
    revision=1,
    store_id="LMES:28",
    channel="STORE",
    ordered_on=date(2026, 3, 2),
    paid=True,
    customer=Customer(client_id="C1", name="Customer One"),
    worksite=Address(street="Calle Mayor 2", zip="28805", city="City", country="ES"),
    lines=(
        OrderLine(
            line_no=1,
            code="49010001",
            label="Instalación split 2x1",
            quantity=Decimal("1"),
            unit_price=Decimal("190.00"),
            kind="SERVICE",
        ),
    ),
)
