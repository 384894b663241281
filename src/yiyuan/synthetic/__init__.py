"""A made-up city to try everything on (演示数据)."""
