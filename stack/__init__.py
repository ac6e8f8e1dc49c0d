"""The local stack: real parts on one machine with nothing installed.

Apache Kafka and Valkey, stand-ins for the vendors' systems, and what starts, finds and stops them
(`stack.local.LocalStack`).  No part of it is needed where a broker and a Valkey are there already.
"""
