"""The section "voicemail" of the YAML: which fields a box has, and what each is made of."""

from collections.abc import Callable

from appliance.configuration import fields
from appliance.configuration.documents import Node
from appliance.configuration.tables import Fields
from appliance.settings import Box, Prompt


def box(id: str, each: Fields, prompt: Callable[[Node], Prompt]) -> Box:
    """One box."""
    return Box(
        id=id,
        name=each.take("name", fields.text, id),
        number=each.need("number", fields.phone_id, ""),
        greeting=each.take("greeting", prompt, None),
        longest=each.take("longest", fields.some_time, Box.longest),
    )
