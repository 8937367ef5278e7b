"""What a call of the real client was refused with."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError


def refused(call: Any, **args: Any) -> dict[str, Any]:
    with pytest.raises(SlackApiError) as told:
        call(**args)
    answer: dict[str, Any] = told.value.response.data
    return answer
