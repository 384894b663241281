"""What departments send: read by meaning, cleaned, refused with a reason (部门文件)."""
