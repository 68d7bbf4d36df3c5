"""The sounds of notices, below the data, where the switch may read them and a backup finds them."""

from collections.abc import Callable
from pathlib import Path

from appliance.settings import Speech
from appliance.trouble import Trouble

NOTICES = "notices"  # the folder below the data
Speak = Callable[[Speech, str, str, Path], None]
Convert = Callable[[Path, Path], None]


class NoticeSounds:
    """`speak` makes a text of a language a sound file, `convert` any recording; both raise Trouble."""

    def __init__(self, directory: Path, speak: Speak, convert: Convert) -> None:
        self._directory = directory.absolute()
        self._speak = speak
        self._convert = convert

    def sound(self, id: str) -> str:
        """An absolute path without a file ending, as a leg plays it."""
        return str(self._directory / id)

    def speak(self, text: str, language: str, speech: Speech, id: str) -> None:
        """Make a text the sound of a notice."""
        self._speak(speech, text, language, self._file(id))

    def convert(self, recorded: Path, id: str) -> None:
        """Make a recording the sound of a notice; the recording goes."""
        try:
            self._convert(recorded, self._file(id))
        finally:
            recorded.unlink(missing_ok=True)

    def adopt(self, staged: str, id: str) -> None:
        """Make a sound that lies here already that of a notice."""
        source = self._directory / staged
        if source.parent != self._directory or not source.is_file():
            raise Trouble(f"There is no sound {staged[:60]!r} among the notices.")
        source.replace(self._file(id))

    def forget(self, id: str) -> None:
        """Remove the sound of a notice that nobody has heard."""
        self._file(id).unlink(missing_ok=True)

    def _file(self, id: str) -> Path:
        make_folder(self._directory)
        return self._directory / f"{id}.wav"


def make_folder(directory: Path) -> None:
    """Make the folder, open to the switch. Raises Trouble."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        directory.chmod(0o755)
    except PermissionError:
        pass  # it is somebody else's, who has done so
    except OSError as error:
        raise Trouble(f"The directory {directory} cannot be made: {error.strerror}.") from None


def _nothing(*arguments: object) -> None:
    """Where nothing is made."""


NONE = NoticeSounds(Path("/nowhere"), _nothing, _nothing)
