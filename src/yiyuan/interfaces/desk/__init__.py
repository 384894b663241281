"""The staff site (业务台)."""
