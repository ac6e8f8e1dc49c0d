"""The driver of stepped time, without a broker."""
