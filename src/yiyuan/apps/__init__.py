"""The evidence: what was recorded, by whom, when (业务留痕)."""
