"""The trial's statistics: numpy and scipy alone, no Django, no clock, no files.

Every function validates, computes, and returns a small frozen dataclass or an array. Nothing here
rounds or prints. NaN means "undefined for these data"; None means "not part of this answer".
"""
