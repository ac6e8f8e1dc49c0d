"""The checker finds what is planted: pure checks over worlds written by hand."""
