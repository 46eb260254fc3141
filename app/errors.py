"""Domain errors: each names its problem kind and its HTTP status; the words live in messages.py."""

from typing import ClassVar


class TikuError(Exception):
    """A fault that the caller can act on.

    `kind` is stable and part of the API (`urn:tiku:problem:<kind>`), `params` fill the message of
    the same name in `app.messages`; one named `field` says which part of the request is at fault.
    The command line prints the message, HTTP sends it as a problem document with `status`.
    """

    kind: ClassVar[str] = "internal-error"
    status: ClassVar[int] = 500

    def __init__(self, **params: object) -> None:
        self.params = params
        super().__init__(self.kind, params)

    def __reduce__(self) -> tuple[object, ...]:
        """Say how to make it again: it also comes out of other processes."""
        return _make_again, (type(self), self.params)


def _make_again(kind: type[TikuError], params: dict[str, object]) -> TikuError:
    return kind(**params)


class QuestionNotFoundError(TikuError):
    """No question that is served has this id. Params: `id`."""

    kind = "question-not-found"
    status = 404


class UnknownFilterValueError(TikuError):
    """A filter names a topic, tag or source that is not there. Params: `field`, `value`."""

    kind = "unknown-filter-value"
    status = 422


class BadCursorError(TikuError):
    """A cursor that this query did not give out. Params: `field`, `cursor`."""

    kind = "bad-cursor"
    status = 422


class BadDrawTokenError(TikuError):
    """A draw's token that is torn or was altered. Params: `location`, `field`."""

    kind = "bad-draw-token"
    status = 422


class NotCheckableError(TikuError):
    """The question has no answer points or choices to check against. Params: `id`."""

    kind = "not-checkable"
    status = 409


class UnreadableDocumentError(TikuError):
    """A document that cannot be read at all. Params: `name`, `reason`, the name of a message."""

    kind = "unreadable-document"
    status = 422


class BadOverlayError(TikuError):
    """An overlay that is not valid. Params: `name`, `where`, `reason`."""

    kind = "bad-overlay"
    status = 422


class BadInputError(TikuError):
    """A line of command-line input that cannot be used. Params: `name`, `line`, `reason`."""

    kind = "bad-input"
    status = 422


class AnswerKindError(TikuError):
    """The answer is not of the kind that the question asks for. Params: `id`, `wanted`."""

    kind = "wrong-answer-kind"
    status = 422


class AnswerTooLongError(TikuError):
    """An answer over the limit. Params: `limit` and `length` in characters."""

    kind = "answer-too-long"
    status = 413


class ChecksBusyError(TikuError):
    """No place is left in the queue of checks. Params: `retry`, seconds until one may be free."""

    kind = "checks-busy"
    status = 503


class CheckTimeoutError(TikuError):
    """A check took longer than it may. Params: `seconds`."""

    kind = "check-timeout"
    status = 504


class CheckFailedError(TikuError):
    """A check broke off: the process that ran it died, twice, or a bug; the log has more."""

    kind = "check-failed"
    status = 500


class ImportFailedError(TikuError):
    """An import broke off: the process that ran it died, twice, or a bug; the log has more."""

    kind = "import-failed"
    status = 500


class NotReadyError(TikuError):
    """The database does not answer or has another version. Params: `found`, `expected`."""

    kind = "not-ready"
    status = 503


class DatabaseUrlError(TikuError):
    """TIKU_DATABASE_URL names no database that can be used. Params: `reason`, a message's name."""

    kind = "bad-database-url"
    status = 500


class MissingInputError(TikuError):
    """A file that cannot be opened. Params: `name`, `reason` in the system's words."""

    kind = "missing-input"
    status = 422


class BadSettingError(TikuError):
    """An environment variable whose value cannot be used. Params: `name`, `reason`."""

    kind = "bad-setting"
    status = 500


class KeyNeededError(TikuError):
    """A route that writes was asked without a valid API key."""

    kind = "key-needed"
    status = 401


class ScopeNeededError(TikuError):
    """The API key is valid, but not for this. Params: `scope`."""

    kind = "scope-needed"
    status = 403


class UnknownKeyError(TikuError):
    """No API key has this prefix. Params: `prefix`."""

    kind = "unknown-key"
    status = 404


class NothingToImportError(TikuError):
    """An import without a document: no body, or a form without files."""

    kind = "nothing-to-import"
    status = 422


class BadProfileError(TikuError):
    """A profile that is not valid. Params: `name`, `where`, `reason`."""

    kind = "bad-profile"
    status = 422


class UnknownProfileError(TikuError):
    """No profile of this name comes with the program. Params: `name`, `known`."""

    kind = "unknown-profile"
    status = 422


class SameSourceError(TikuError):
    """Two documents of one import have the same source. Params: `slug`."""

    kind = "same-source"
    status = 422


class TopicCycleError(TikuError):
    """A declared topic would stand below itself. Params: `slug`, `parent`."""

    kind = "topic-cycle"
    status = 422


class TopicsTooDeepError(TikuError):
    """Topics that several documents declare would stand too deep. Params: `slug`, `limit`."""

    kind = "topics-too-deep"
    status = 422


class DatabaseUnavailableError(TikuError):
    """The database does not answer, or another writer holds it for too long. Params: `reason`."""

    kind = "database-unavailable"
    status = 503
