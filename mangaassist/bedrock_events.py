"""What the events of a streamed answer add up to."""

from __future__ import annotations

import json

from mangaassist.bedrock_call import INTERVENED, intervened
from mangaassist.errors import Temporary
from mangaassist.tokens import estimate_tokens


class Assembly:
    """One answer as far as it has come."""

    def __init__(self) -> None:
        self.complete = False
        self.stop_reason = ""
        self.input_tokens = 0  # 0 until the model has said so
        self._written = 0  # by the model's own count, which comes with the end
        self._text: list[str] = []

    def take(self, data: bytes) -> str:
        """Adds one event and returns the text in it; unknown events have none.

        Raises Temporary `malformed_response` for what is no event.
        """
        try:
            event = json.loads(data.decode())
            text = self._add(event)
            if intervened(event):
                self.stop_reason = INTERVENED
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            message = f"Bedrock's stream has what is no event: {error}"
            raise Temporary("malformed_response", message) from error
        return text

    @property
    def output_tokens(self) -> int:
        """As the model counted them, or by the estimate while that is not known."""
        return self._written or estimate_tokens("".join(self._text))

    def _add(self, event: dict[str, object]) -> str:
        match event:
            case {
                "type": "content_block_delta",
                "delta": {"type": "text_delta", "text": str(text)},
            }:
                self._text.append(text)
                return text
            case {"type": "message_start", "message": {"usage": {"input_tokens": int(tokens)}}}:
                self.input_tokens = tokens
            case {"type": "message_delta", "delta": {"stop_reason": reason}, "usage": dict(usage)}:
                self.stop_reason = self.stop_reason or str(reason)
                self._written = int(usage["output_tokens"])
            case {"type": "message_stop"}:
                self.complete = True
        return ""
