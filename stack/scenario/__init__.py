"""Scenarios: files of upstream events, played on stepped time, and the outcome they lead to."""
