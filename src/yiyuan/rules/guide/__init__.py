"""The guide of a scheme (理赔指南): what a scheme pays, in the words of people who read no contracts.

In: a scheme version. Out: a `Guide` of frozen values, whose every sum is one the engine came to. Nothing here
draws: pages and papers are made of the values by the interfaces. See `docs/schemes/guide.md`.
"""
