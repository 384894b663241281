"""The processes Yiyuan runs: database, web server, job worker (运行)."""
