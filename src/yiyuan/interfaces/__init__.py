"""Where people and machines meet the domain (界面)."""
