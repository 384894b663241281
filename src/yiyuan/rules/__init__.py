"""The scheme's rules as pure functions of its terms (规则)."""
