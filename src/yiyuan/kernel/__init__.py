"""What every layer may stand on: money, periods, working days, identity numbers (内核)."""
