"""Table AC: who may do what, when. Data: a refusal names its rule, the cell holds it (SX-19).

An execution admin may do all that an operator may. Roles are those of SOP (SELLER, OPERATOR,
EXECUTION_ADMIN), the Pro now assigned (PRO), and those who only ask (CUSTOMER, CARE: AC-21).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.lifecycle.rules.status import BY_CODE

EVERY = " ".join(BY_CODE)
ALL_BUT_CANCELED = " ".join(code for code in BY_CODE if code != "09")


@dataclass(frozen=True, slots=True)
class Cell:
    """Where one role may do one action, and the row that says so."""

    rule: str
    statuses: frozenset[str]


@dataclass(frozen=True)
class Action:
    """One action of a row: by role, its cell. `bound` is what else the row states."""

    rule: str
    name: str
    cells: Mapping[str, Cell]
    bound: str = ""

    @property
    def statuses(self) -> frozenset[str]:
        """The statuses in which anybody at all may do it."""
        return frozenset().union(*(cell.statuses for cell in self.cells.values()))


@dataclass(frozen=True)
class _Row:
    """A row under construction: each call adds an action of it to the table."""

    rule: str
    table: list[Action] = field(default_factory=list)

    def action(self, name: str, bound: str = "", **codes: str) -> Action:
        cells = {
            role: Cell(self.rule, frozenset(BY_CODE[code] for code in text.split()))
            for role, text in codes.items()
        }
        if "OPERATOR" in cells:
            cells["EXECUTION_ADMIN"] = cells["OPERATOR"]
        action = Action(self.rule, name, cells, bound)
        self.table.append(action)
        return action


_table: list[Action] = []


def _row(rule: str) -> _Row:
    return _Row(rule, _table)


_UNTIL_IN_PROGRESS = "00 01 02 04 05"
_AND_BEFORE = "11 00 01 02 04 05"

RESCHEDULE = _row("AC-1").action(
    "reschedule", SELLER="00", OPERATOR=_UNTIL_IN_PROGRESS, PRO="04 05"
)
SEND_CONTRACT = _row("AC-2").action(
    "send, show (QR), print the contract",
    "01 02 04: a further version only",
    SELLER="00 01 02 04",
    OPERATOR="00 01 02 04",
)
CONFIRM_PAPER = _row("AC-3").action(
    "confirm a paper signature",
    "01 and later: while a version is unsigned",
    SELLER="00 01 02 04 05 06 07",
    OPERATOR="00 01 02 04 05 06 07",
)
UPLOAD_CONTRACT = _row("AC-4").action(
    "upload the paper contract",
    "once, paper only",
    SELLER="01 02 04 05 06 07",
    OPERATOR="01 02 04 05 06 07",
)
SKIP_CONTRACT = _row("AC-5").action(
    "skip the contract", "by contract.skip: off, admin, all", SELLER="00", OPERATOR="00"
)
CHANGE_DURATION = _row("AC-6").action(
    "change duration",
    "seller: within SX-13",
    SELLER=_UNTIL_IN_PROGRESS,
    OPERATOR=_UNTIL_IN_PROGRESS,
)
CHANGE_ADDRESS = _row("AC-7").action("change address", SELLER=_AND_BEFORE, OPERATOR=_AND_BEFORE)
CHANGE_CONTACT = _row("AC-8").action(
    "change contact", SELLER=ALL_BUT_CANCELED, OPERATOR=ALL_BUT_CANCELED
)
ASSIGN = _row("AC-9").action("assign by hand", OPERATOR="01 02 04 05")
CANCEL = _row("AC-10").action("cancel in SOP", EXECUTION_ADMIN=_AND_BEFORE)
ADD_NOTE = _row("AC-11").action(
    "add a note or a document", "the Pro: while he is assigned", OPERATOR=EVERY, PRO=EVERY
)
ADD_EXTRA_COST = _row("AC-12").action(
    "ask for or enter an extra cost",
    "extra_cost.until; of a rework also 06 07",
    OPERATOR="04 05",
    PRO="04 05",
)
ANSWER_EXTRA_COST = _row("AC-13").action("answer an extra cost", OPERATOR="04 05 06 07")
_ac_14 = _row("AC-14")
NAME_WORKER = _ac_14.action("name the worker", PRO="04 05")
CHECK_IN = _ac_14.action("check in", PRO="04")
CHECK_OUT = _ac_14.action("check out", PRO="05")
UPLOAD_REPORT = _row("AC-15").action(
    "upload a report",
    "a visit's, until the budget is declared sent",
    OPERATOR="05 07",
    PRO="04 05 07",
)
DECLARE_BUDGET = _row("AC-16").action(
    "remove a report, declare the budget sent", "until declared", OPERATOR="05 07"
)
ANSWER_QUOTATION = _row("AC-17").action("record the quotation's answer", OPERATOR="07")
_ac_18 = _row("AC-18")
SEND_WCF = _ac_18.action("WCF: send again, upload a paper one", OPERATOR="06 07")
CLOSE_WCF = _ac_18.action("WCF: close by hand", "7 days after the check-out", OPERATOR="06")
OPEN_REWORK = _row("AC-19").action(
    "open a rework", "10: once its rework is Canceled", OPERATOR="06 07 08 10"
)
_ac_20 = _row("AC-20")
GIVE_BACK_JOB = _ac_20.action("cancel the job", PRO="02 04")
REPORT_ISSUE = _ac_20.action("report a starting issue", PRO="04 05")
DISPUTE_INVOICE = _ac_20.action("dispute the invoice", PRO="08")
_ac_21 = _row("AC-21")
ASK_CHANGE = _ac_21.action(
    "ask for a new date, cancellation, address or contact", CUSTOMER=_AND_BEFORE, CARE=_AND_BEFORE
)
REPORT_NO_SHOW = _ac_21.action("no-show", CUSTOMER="04", CARE="04")
ANSWER_SURVEY = _ac_21.action("survey answer", CUSTOMER="07 08", CARE="07 08")
CLAIM_WARRANTY = _ac_21.action("warranty claim", CUSTOMER="07 08", CARE="07 08")
_ac_22 = _row("AC-22")
SEE_AVAILABILITY = _ac_22.action("see availability", SELLER=EVERY, OPERATOR=EVERY)
SEE_PROJECTS = _ac_22.action(
    "see the project list", SELLER=EVERY, OPERATOR=EVERY, PRO=EVERY, CUSTOMER=EVERY, CARE=EVERY
)
SEE_INVOICES = _ac_22.action("see invoices", "and the PSM", OPERATOR=EVERY)

TABLE: tuple[Action, ...] = tuple(_table)
"""All actions of the 22 rows, in their order."""
