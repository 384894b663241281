"""The rules over whole tables: screening a city (批量筛查)."""
