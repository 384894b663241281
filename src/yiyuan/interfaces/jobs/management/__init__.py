"""Commands of the job worker (后台任务的命令)."""
