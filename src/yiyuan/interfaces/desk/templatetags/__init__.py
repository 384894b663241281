"""Template filters and marks of the staff site (页面格式)."""
