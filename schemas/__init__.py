"""What travels: the Avro schemas with their ids, the types made from them, and the topics."""
