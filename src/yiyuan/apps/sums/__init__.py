"""Sums kept beside the rows (随行合计)."""
