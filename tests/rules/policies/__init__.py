"""The policies: what differs by business unit, calendars and times."""
