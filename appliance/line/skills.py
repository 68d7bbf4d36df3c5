"""Skills: what a caller needs of an agent, how that relaxes with waiting, and how well an agent fits. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Level = tuple[tuple[str, int], ...]  # skills by name, and how well each must be had at least


def level_of(levels: Mapping[str, int]) -> Level:
    return tuple(sorted(levels.items()))


@dataclass(frozen=True)
class Needs:
    """What a caller needs. `steps`: from so many seconds of waiting on that is required, instead of what was
    before. Who has more of what is `preferred` is offered the call before others of the same tier."""

    steps: tuple[tuple[float, Level], ...] = ((0.0, ()),)
    preferred: Level = ()

    def required(self, waited: float) -> Level:
        """What is required of an agent after so much waiting."""
        return next(level for after, level in reversed(self.steps) if after <= waited or after == 0)

    def changes(self) -> tuple[float, ...]:
        """The seconds of waiting after which something else is required."""
        return tuple(after for after, _ in self.steps[1:])


NOTHING = Needs()


def make_needs(
    required: Mapping[str, int], preferred: Mapping[str, int], after: Mapping[float, Mapping[str, int]]
) -> Needs:
    """`after` so many seconds other levels hold for the skills it names; a level of 0 is no need any more."""
    level, steps = dict(required), [(0.0, level_of(required))]
    for seconds in sorted(after):
        level |= after[seconds]
        steps.append((seconds, level_of({skill: least for skill, least in level.items() if least})))
    return Needs(tuple(steps), level_of(preferred))


def combine(several: Iterable[Needs]) -> Needs:
    """All of these at once: of each skill the highest level that any of them requires at that time."""
    parts = [needs for needs in several if needs != NOTHING]
    if len(parts) < 2:
        return parts[0] if parts else NOTHING
    times = sorted({after for needs in parts for after, _ in needs.steps})
    steps = tuple((after, _highest(needs.required(after) for needs in parts)) for after in times)
    return Needs(steps, _highest(needs.preferred for needs in parts))


def _highest(levels: Iterable[Level]) -> Level:
    highest: dict[str, int] = {}
    for level in levels:
        for skill, least in level:
            highest[skill] = max(least, highest.get(skill, 0))
    return level_of(highest)


def meets(skills: Mapping[str, int], level: Level) -> bool:
    return all(skills.get(skill, 0) >= least for skill, least in level)


def unmet(skills: Mapping[str, int], level: Level) -> int:
    """How many of these skills are not had so well."""
    return sum(skills.get(skill, 0) < least for skill, least in level)


def fit(skills: Mapping[str, int], *levels: Level) -> int:
    """How well an agent has the skills that are named: the sum of the levels, each skill once."""
    return sum(skills.get(skill, 0) for skill in {skill for level in levels for skill, _ in level})


def lack(skills: Mapping[str, int], level: Level) -> str:
    """What an agent lacks, as a person reads it."""
    missing = [(s, skills.get(s, 0), least) for s, least in level if skills.get(s, 0) < least]
    return ", ".join(f"{skill} {has} where {least} is needed" for skill, has, least in missing)


def level_text(level: Level) -> str:
    return ", ".join(f"{skill}>={least}" for skill, least in level)


def needs_text(needs: Needs) -> str:
    """What a caller needs, as a person reads it."""
    texts = [f"after {after:g} s {level_text(level) or 'nothing'}" for after, level in needs.steps[1:]]
    first = level_text(needs.steps[0][1])
    preferred = f"better with {level_text(needs.preferred)}" if needs.preferred else ""
    return "; ".join(filter(None, [first, *texts, preferred]))
