"""Music on hold: classes by name, and the sound files that were found for them. Pure."""

from collections.abc import Mapping

from appliance.importing.draft import MUSIC, Draft, Topic

DEFAULT = "default"
STAND_IN = f"{MUSIC}/stand-in.wav"


def music_classes(draft: Draft, classes: Mapping[str, str]) -> None:
    """The classes that queues use, and those that the source names. `classes` says where each stands."""
    for name, where in classes.items():
        if name not in draft.music_ids:
            draft.note(Topic.SOUND, where, f"The music {name} is used by no queue; it is left out.")
    if DEFAULT not in draft.music_ids and draft.section("queues"):
        draft.music(DEFAULT)
    for name, id in draft.music_ids.items():
        files = draft.find_music(name)
        origin = f"the music class {name}" + (f" ({classes[name]})" if name in classes else "")
        if files:
            names = [f"{MUSIC}/{id}-{n}.wav" for n in range(1, len(files) + 1)]
            draft.sounds.update({new: (file,) for new, file in zip(names, files, strict=True)})
            draft.files("music", id, names, origin)
        else:
            draft.files("music", id, [STAND_IN], origin)
            draft.sounds.setdefault(STAND_IN, ())
            text = f"The files of the music {name} were not found: callers hear a quiet tone now and then."
            draft.note(Topic.SOUND, classes.get(name, "queues"), f"{text} Name their folder with --music.")
