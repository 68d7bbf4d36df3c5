"""How well callers are to be served: "80/20" and what else is not to be exceeded. Pure."""

import re
from dataclasses import dataclass

from appliance.configuration.problems import shown
from appliance.trouble import Trouble

_TARGET = re.compile(r"(\d{1,3}(?:\.\d+)?) ?%? ?/ ?(\d{1,5}) ?s?", re.ASCII)
_SHARE = re.compile(r"(\d{1,3}(?:\.\d+)?) ?%?", re.ASCII)


@dataclass(frozen=True)
class Target:
    """This share of callers is answered within so many seconds; no more give up, no agent is busier."""

    share: float
    within: float
    most_abandons: float | None = None
    most_occupancy: float | None = None

    def is_met(self, level: float, abandons: float, occupancy: float) -> bool:
        return (
            level >= self.share
            and (self.most_abandons is None or abandons <= self.most_abandons)
            and (self.most_occupancy is None or occupancy <= self.most_occupancy)
        )

    def __str__(self) -> str:
        parts = [f"{self.share * 100:g} % of callers answered within {self.within:g} s"]
        if self.most_abandons is not None:
            parts.append(f"at most {self.most_abandons * 100:g} % give up")
        if self.most_occupancy is not None:
            parts.append(f"agents busy for at most {self.most_occupancy * 100:g} % of their time")
        return ", ".join(parts)


def target(text: str, most_abandons: str | None = None, most_occupancy: str | None = None) -> Target:
    """What the options mean. Raises Trouble."""
    found = _TARGET.fullmatch(text.strip())
    if found is None or not 0 < float(found[1]) < 100:
        raise Trouble(
            f"--target: {shown(text)} is not a target. Write 80/20 for 80 % of callers answered within 20 s; "
            "the share is above 0 and below 100."
        )
    return Target(
        float(found[1]) / 100,
        float(found[2]),
        None if most_abandons is None else share("--max-abandon", most_abandons),
        None if most_occupancy is None else share("--max-occupancy", most_occupancy),
    )


def share(option: str, text: str) -> float:
    """A share that an option gives as per cent. Raises Trouble."""
    found = _SHARE.fullmatch(text.strip())
    if found is None or not 0 < float(found[1]) < 100:
        raise Trouble(f"{option}: {shown(text)} is not a share. Write it like 5%, above 0 and below 100.")
    return float(found[1]) / 100
