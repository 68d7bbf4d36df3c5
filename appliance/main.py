"""The program `appliance`: what is done first, and what a person sees when something cannot be done."""

from gevent import monkey

monkey.patch_all()  # before anything else is imported: sockets taken by name would stay blocking

import errno  # noqa: E402
import io  # noqa: E402
import os  # noqa: E402
import signal  # noqa: E402
import sys  # noqa: E402
import tempfile  # noqa: E402
import traceback  # noqa: E402
from collections.abc import Sequence  # noqa: E402

import click  # noqa: E402
from peewee import PeeweeException  # noqa: E402

from appliance.cli import OutputGone, cli  # noqa: E402
from appliance.places import reason  # noqa: E402
from appliance.port import Refused, SwitchLost  # noqa: E402
from appliance.trouble import Trouble  # noqa: E402

FINE = 0
NOT_DONE = 2
BROKEN_PIPE = 128 + signal.SIGPIPE  # as a shell reports programs that these signals ended
INTERRUPTED = 128 + signal.SIGINT


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and leave with its exit status: 0 fine, 1 the answer is no, 2 it could not be done."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit status; nothing but a fault of our own leaves a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # names may have letters that the terminal has not
    try:
        status = cli.main(list(arguments), prog_name="appliance", standalone_mode=False)
        sys.stdout.flush()
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except (OutputGone, BrokenPipeError):
        _give_up_output()
        return BROKEN_PIPE
    except click.ClickException as error:
        error.show()
        return NOT_DONE
    except (Trouble, Refused, SwitchLost) as error:
        return _say(str(error))
    except PeeweeException as error:
        return _say(f"The database cannot do that: {reason(error)}.")
    except OSError as error:
        if error.filename is not None:
            return _say(f"{os.fsdecode(error.filename)}: {error.strerror}.")
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            return _report_fault()
        _give_up_output()
        return _say(f"The output cannot be written: {error.strerror}.")
    except Exception:
        return _report_fault()
    return status if isinstance(status, int) else FINE


def _say(sentence: str) -> int:
    print(f"appliance: {sentence}", file=sys.stderr)
    return NOT_DONE


def _give_up_output() -> None:
    """What is still buffered would fail again when Python closes its standard output."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _report_fault() -> int:
    """A fault of ours: the details go to a file, a person gets its name."""
    details = traceback.format_exc()
    try:
        with tempfile.NamedTemporaryFile("w", prefix="appliance-fault-", suffix=".txt", delete=False) as file:
            file.write(f"appliance {' '.join(sys.argv[1:])}\n\n{details}")
    except OSError:
        sys.stderr.write(details)
        return _say("This is a fault in the appliance; please report it with the lines above.")
    return _say(f"This is a fault in the appliance; please report it and send {file.name}, which says more.")


if __name__ == "__main__":
    main()
