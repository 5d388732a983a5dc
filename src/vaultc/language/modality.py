"""What a sentence claims and how: modality, polarity, stance and EARS form, in one place to import from."""

from vaultc.language.ears import Ears, ears
from vaultc.language.modals import ModalMark, modal_marks
from vaultc.language.stance import is_hypothetical, is_question, is_reported, is_superseded, polarity

__all__ = [
    "Ears",
    "ModalMark",
    "ears",
    "is_hypothetical",
    "is_question",
    "is_reported",
    "is_superseded",
    "modal_marks",
    "polarity",
]
