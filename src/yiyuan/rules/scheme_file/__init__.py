"""The scheme file (方案文件): YAML becomes terms, and every fault is named with file, line and clause."""
