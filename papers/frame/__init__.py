"""What every paper's folder is made of: its claim, its runs, its numbers beside the published ones, and its page."""

from .catalogue import KEYS, paper
from .costs import Spent, expected, prices
from .figures import curve, drawn, finish, panels
from .outcome import Outcome, Paper, Picture, Table
from .reproducing import reproduce
from .rows import Row, claim, number, share, unread
from .study import Study

__all__ = [
    "KEYS",
    "Outcome",
    "Paper",
    "Picture",
    "Row",
    "Spent",
    "Study",
    "Table",
    "claim",
    "curve",
    "drawn",
    "expected",
    "finish",
    "number",
    "panels",
    "paper",
    "prices",
    "reproduce",
    "share",
    "unread",
]
