"""The screening engine (批量筛查引擎): from files of registers and settlements to files of decisions."""
