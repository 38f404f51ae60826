"""What the notebooks need beyond mathematics: verify, check, questions, pictures, progress."""
from . import plots
from .checking import Report, check, hint
from .course import progress, start
from .listing import show
from .questions import predict, quiz
from .saving import restore_work, save_work
from .verification import refute, verify

__all__ = ["Report", "check", "hint", "plots", "predict", "progress", "quiz", "refute", "restore_work", "save_work",
           "show", "start", "verify"]
