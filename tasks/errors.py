"""Errors by whose doing: the world did not answer, or an answer does not count."""


class ToolError(Exception):
    """A tool or a cloud did not answer as it must; so nothing is known, which is not "no drift".

    The message is one line, fit for people: what was asked, what came back, what to do.
    It never holds a secret.

    Args:
        message: the line.
        command: the program and its arguments, where it was one.
        exit_code: its exit code, where there was one.
        last_words: the end of what it said, redacted.
    """

    def __init__(
        self,
        message: str,
        *,
        command: tuple[str, ...] = (),
        exit_code: int | None = None,
        last_words: str = "",
    ) -> None:
        """Keep what is known of the failure; newlines in the message are folded."""
        super().__init__(" ".join(message.split()))
        self.command = command
        self.exit_code = exit_code
        self.last_words = last_words


class ApprovalError(Exception):
    """That answer does not count: forged, late, not entitled, or for something else."""
