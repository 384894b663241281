"""Refusals of the audit (留痕), with stable codes."""


class KeyReused(Exception):
    """The request key was used before for something else (请求号已用过): it is one command's for ever."""

    code = "key_reused"
