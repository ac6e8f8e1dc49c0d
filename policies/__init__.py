"""What differs by business unit: one YAML file each, and the typed model that reads it.

Import from the modules: `policies.load` (files to `Policies`), `policies.units` (`Policies`, as
rules are given them), `policies.model` (`Policy`),
`policies.planning` (first date and floor of an order), `policies.calendar`, `policies.span`,
`policies.local_time`.
"""
