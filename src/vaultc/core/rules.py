"""The list of rules. A code is never reused; each has a page docs/diagnostics/<code>.md."""

from __future__ import annotations

from vaultc.core.diagnostic import Rule, Severity

_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO

# V1xx: notes and links
BROKEN_LINK = Rule("V101", "broken-link", _W, "A link names a note that is not in the vault.")
AMBIGUOUS_LINK = Rule("V102", "ambiguous-link", _W, "A link names several files equally well.")
MISSING_HEADING = Rule("V103", "missing-heading", _W, "A link names a heading that its note does not have.")
MISSING_BLOCK = Rule("V104", "missing-block", _W, "A link names a block id that its note does not have.")
DUPLICATE_BLOCK_ID = Rule("V105", "duplicate-block-id", _W, "A block id stands twice in one note.")
ORPHAN_NOTE = Rule("V106", "orphan-note", _I, "A note neither links to another note nor is linked by one.")
SYNC_CONFLICT = Rule("V107", "sync-conflict", _W, "A sync service laid a second version of a file beside it.")
UNREADABLE_NOTE = Rule("V110", "unreadable-note", _E, "A note cannot be read, and was left out.")
ODD_ENCODING = Rule("V111", "odd-encoding", _W, "A note is not valid UTF-8; it is said what it was read as.")
INVALID_PROPERTIES = Rule("V112", "invalid-properties", _W, "The frontmatter is not valid YAML.")
TOO_LARGE = Rule("V113", "too-large", _W, "A note or a line is too large and was read as plain text.")
UNSAFE_PATH = Rule("V114", "unsafe-path", _W, "A file of the vault was not read because of what or where it is.")
MOJIBAKE = Rule("V115", "mojibake", _W, "UTF-8 was once read as another code page, and spoilt so.")
INVALID_CANVAS = Rule("V116", "invalid-canvas", _W, "A canvas is not valid and was read as plain text.")
ODD_NAME = Rule("V117", "odd-name", _W, "A file's name is not UTF-8 or looks like that of another file.")
GIT_CONFLICT = Rule("V118", "git-conflict", _W, "A note holds both sides of a git conflict that nobody resolved.")
# V2xx: index
VECTORS_REBUILT = Rule("V201", "vectors-rebuilt", _I, "The vector store was missing or broken and was rebuilt.")
VECTORS_UNAVAILABLE = Rule(
    "V202", "vectors-unavailable", _W, "The vector store could not be made; search reads the catalog's vectors."
)
CATALOG_REBUILT = Rule(
    "V203",
    "catalog-rebuilt",
    _W,
    "The index was damaged or did not agree with the notes, and was made again from them.",
)
# V3xx: models
MODEL_FAILED = Rule("V301", "model-failed", _W, "A model gave no usable answer.")
# V4xx: compile
ANSWER_REFUSED = Rule("V401", "answer-refused", _I, "A model's answer failed its gate; the computed version stands.")
KEPT_EDITED = Rule(
    "V402", "kept-edited", _W, "A file was changed by a person; it was kept and the new one laid beside it."
)
UNCLEAR_REQUIREMENT = Rule("V403", "unclear-requirement", _I, "A requirement has no value that a test could check.")
OPEN_QUESTION = Rule("V404", "open-question", _I, "The notes leave a question open.")
CODE_CHECK_FAILED = Rule("V405", "code-check-failed", _E, "Generated code failed its own check.")
CHECK_SKIPPED = Rule("V406", "check-skipped", _I, "A check of generated code could not be run here.")
REQUIREMENT_CONFLICT = Rule("V407", "requirement-conflict", _W, "Two statements of the idea cannot both hold.")
FOREIGN_FILE = Rule("V408", "foreign-file", _W, "A file that vaultc did not write stands where it would write.")
FILE_MOVED = Rule(
    "V409", "file-moved", _W, "A file that the notes give cannot stand at its path; it was laid elsewhere, as text."
)
# V5xx: meaning
UNSUPPORTED_STATEMENT = Rule(
    "V501", "unsupported-statement", _W, "A sentence of an answer is not supported by the notes."
)
CONTRADICTION = Rule("V502", "contradiction", _W, "Two notes state different things about the same thing.")
MISSING_LINK = Rule("V503", "missing-link", _I, "A note names another note without linking to it.")
