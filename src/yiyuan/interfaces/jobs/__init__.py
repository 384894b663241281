"""What runs by itself (后台任务)."""
