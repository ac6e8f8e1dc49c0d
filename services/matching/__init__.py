"""Which Pro does a service: calendars, ranking and rounds, one stream task per business unit."""
