"""What the notifier decides: which event makes which message for whom (NO). Pure: no IO here."""
