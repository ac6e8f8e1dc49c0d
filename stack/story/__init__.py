"""The story that `sx demo` plays: a few orders in two countries, and the people around them."""
