"""Settings, addresses and server entry points (配置)."""
