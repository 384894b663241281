"""The guide drawn (理赔指南的版面): as a web page and as a paper, from the same values.

In: a `Guide`. Out: HTML text or the bytes of a PDF. No sentence and no sum is written here but the few words
of the frame.
"""
