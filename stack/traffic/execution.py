"""The job is done: worker named, check-in and check-out, in time, late or never (SX-3, SX-4)."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from stack.traffic.assigning import Job
from stack.traffic.orders import Service
from stack.traffic.reference import worker_id
from stack.traffic.story import Story, document
from streams.instant import rfc3339

_SMA = "sma.jobs"
_DAYS = {
    "in time": 70,
    "late check-in": 10,
    "no check-in": 4,
    "does not come": 6,
    "another comes first": 4,
    "bad photo": 2,
}


def do_job(story: Story, service: Service, job: Job) -> int | None:
    """What the Pro does from Confirmed on; the check-out (ms), None where it does not come."""
    begun = job.at if job.named else _names_worker(story, service, job)
    way = story.chance.among(_DAYS)
    if way == "does not come":
        return None
    at = _comes(story, service, begun)
    if way == "another comes first":
        other = f"{story.order.bu}:998"
        before = max(begun + 1, at - story.pace.hour // 10)
        _told(story, service, before, "CheckedIn", other, refused=True)
    if way == "bad photo":
        before = max(begun + 1, at - story.pace.hour // 20)
        program = document("photo.exe", "application/x-msdownload")
        _told(story, service, before, "CheckedIn", job.pro, program, refused=True)  # SX-16
    out = story.hours(at, 1, 5)
    if way == "late check-in":
        at = max(at, out - story.pace.hour // 15)
    if way == "no check-in":
        _told(story, service, out, "CheckedOut", job.pro, refused=True)  # SX-3, once ED-2 is over
        return None
    photo = document("before.jpg", "image/jpeg") if story.chance.share(0.3) else None
    _told(story, service, at, "CheckedIn", job.pro, photo)
    service.checked_in = at
    if service.visit:
        _reports(story, service, job, out)
        return None
    _told(story, service, out, "CheckedOut", job.pro)
    return out


def _names_worker(story: Story, service: Service, job: Job) -> int:
    """He names one of his own (MA-10); an unknown one is refused."""
    at = story.hours(job.at, 0.3, 3)
    if story.chance.share(0.04):
        told = {"provider_id": job.pro, "worker_id": f"{job.pro}:w99"}
        story.says(service, at, _SMA, "WorkerAssigned", "refused", **told)
        at = story.hours(at, 0.1, 0.5)
    told = {"provider_id": job.pro, "worker_id": worker_id(job.pro, service.worker_number)}
    story.says(service, at, _SMA, "WorkerAssigned", **told)
    return at


def _comes(story: Story, service: Service, after: int) -> int:
    """In the morning of the planned day; live, as if that day came a day or two later."""
    if story.pace.live:
        return story.hours(after, 20, 45)
    morning = datetime.combine(service.planned_on, time(7), story.order.policy.tz)
    at = round(morning.timestamp() * 1000)
    return story.hours(max(at, after), 0.2, 2)


def _told(
    story: Story,
    service: Service,
    at: int,
    type_: str,
    pro: str,
    *photos: dict[str, object] | None,
    refused: bool = False,
) -> None:
    told: dict[str, Any] = {
        "provider_id": pro,
        "documents": [photo for photo in photos if photo is not None],
    }
    if story.chance.share(0.3):
        told["device_time"] = rfc3339(at)
    story.says(service, at, _SMA, type_, "refused" if refused else "applied", **told)


def _reports(story: Story, service: Service, job: Job, at: int) -> None:
    """A visit ends with a report, or a check-out: neither is in this version (SX-5)."""
    if story.chance.share(0.5):
        report = {"provider_id": job.pro, "document": document("report.pdf")}
        story.says(service, at, _SMA, "ReportUploaded", "refused", **report)
    else:
        _told(story, service, at, "CheckedOut", job.pro, refused=True)
