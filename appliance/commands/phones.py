"""The commands around phones: which are there, links and files with their configuration, and a lost one."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click

from appliance import secrets
from appliance.clock import RealClock
from appliance.commands.live import ask, json_option, print_json
from appliance.commands.provisioning import provisioning as provisioning_group
from appliance.commands.provisioning import settings_and_section
from appliance.commands.show import harmless, iso, moment, table
from appliance.configuration.documents import Text
from appliance.configuration.fields import some_time
from appliance.configuration.problems import Place, did_you_mean
from appliance.configuration.tables import Wrong
from appliance.places import Places, make_data, zone_of
from appliance.port import Refused, SwitchLost
from appliance.settings import Phone, Settings, SwitchKind
from appliance.trouble import Trouble

# As in provisioning.formats, which is not loaded for looking at a list of phones.
FORMATS = ("linphone", "microsip", "zoiper", "baresip", "yealink", "grandstream", "snom", "cisco-spa")
DIRECTORY = click.Path(file_okay=False, path_type=Path)
FILE = click.Path(dir_okay=False, path_type=Path)

phone_argument = click.argument("id", metavar="PHONE")


class Length(click.ParamType):  # type: ignore[type-arg]
    """A length of time with its units."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> float:
        try:
            return some_time(Text(Place(""), str(value)))
        except Wrong as wrong:
            self.fail(f"{wrong.text} {wrong.remedy}".strip(), param, context)


@click.command()
@json_option
@click.pass_obj
def phones(places: Places, as_json: bool) -> None:
    """Show the phones: which are registered, from where, with which firmware, and how long each takes to answer.

    The round trip is that of the switch's last OPTIONS, which it sends each phone every half minute.

    \b
    Examples:
      appliance phones
      appliance phones --json
    """
    data = ask(places, "phones")
    if as_json:
        print_json(data)
    else:
        click.echo(_phones_text(data))


def _phones_text(data: list[Mapping[str, Any]]) -> str:
    if not data:
        return "There are no phones."
    rows = [
        (
            *(p["phone"], p["name"], p["state"], p["address"], p["agent"]),
            None if p["round_trip_ms"] is None else f"{p['round_trip_ms']:.1f} ms",
        )
        for p in data
    ]
    return table(("phone", "name", "state", "address", "firmware", "round trip"), rows)


@click.group()
def phone() -> None:
    """Give a phone its configuration, or shut a lost one out.

    \b
    Examples:
      appliance phone link 201
      appliance phone file 201 --format yealink
      appliance phone revoke 201
    """


@phone.command("link")
@phone_argument
@click.option(
    "--format", "format_id", type=click.Choice(FORMATS), default=FORMATS[0], show_default=True, help="The model."
)
@click.option("--for", "lasts", type=Length(), default="24h", show_default=True, help="How long the link lives.")
@click.option("--qr", type=FILE, help="Write the QR code to this file too (.png or .svg).")
@json_option
@click.pass_obj
def make_link(places: Places, id: str, format_id: str, lasts: float, qr: Path | None, as_json: bool) -> None:
    """Make a link under which a phone can fetch its configuration once.

    It is dead after the first complete answer, and when its time is over. Who has the link can be that phone: give
    it to nobody else.

    \b
    Examples:
      appliance phone link 201
      appliance phone link 201 --format yealink --for 30m
      appliance phone link 201 --qr 201.png
    """
    import segno

    from provisioning.formats import FORMATS as formats
    from provisioning.formats import file_name, render_one
    from provisioning.links import Links

    if qr is not None and qr.suffix not in (".png", ".svg"):
        raise Trouble(f"{qr}: the QR code can be written as .png or .svg.")
    settings, provisioning = settings_and_section(places)
    wanted = _phone(settings, id)
    format = formats[format_id]
    account = _account(places, settings, wanted)
    try:
        render_one(format, account)
    except ValueError as error:
        raise Trouble(_sentence(error)) from None
    now = RealClock().now()
    make_data(places.data)
    token = Links(places.data).make(wanted.id, format.id, now, lasts)
    url = f"https://{account.directory_host}/p/{token}/{file_name(format, wanted.id)}"
    code = segno.make(url, error="l", micro=False)
    if qr is not None:
        _write_privately(qr, lambda file: code.save(str(file), kind=qr.suffix[1:], scale=8))
    ends = now + lasts
    zone = zone_of(settings)
    if as_json:
        print_json({"phone": wanted.id, "format": format.id, "url": url, "expires_at": iso(ends, zone)})
        return
    click.echo(f"Phone {wanted.id} ({harmless(wanted.name)}), {format.title}; once, until {moment(ends, zone)}:")
    click.echo(f"\n  {url}\n")
    code.terminal(compact=True)
    if qr is not None:
        click.echo(f"The QR code is in {qr} too; remove it when the phone works.")
    if provisioning.address in ("127.0.0.1", "::1"):
        click.echo("The server listens on this machine only (`provisioning: address:`).")


@phone.command("file")
@phone_argument
@click.option("--format", "format_id", type=click.Choice(FORMATS), required=True, help="The model.")
@click.option("--mac", help="The hardware address of a desk phone, which names its file.")
@click.option("--into", type=DIRECTORY, default=Path("."), help="The directory to write to.  [default: this one]")
@json_option
@click.pass_obj
def make_file(places: Places, id: str, format_id: str, mac: str | None, into: Path, as_json: bool) -> None:
    """Write a phone's configuration as the file or files that its model reads.

    They have the phone's secret in them: only their owner may read them.

    \b
    Examples:
      appliance phone file 201 --format yealink --mac 00:15:65:aa:bb:cc --into /srv/tftp
      appliance phone file 201 --format baresip --into ~/.baresip
    """
    from provisioning.formats import FORMATS as formats
    from provisioning.formats import mac_address, render

    settings, _ = settings_and_section(places)
    wanted = _phone(settings, id)
    try:
        files = render(formats[format_id], _account(places, settings, wanted), mac_address(mac) if mac else None)
    except ValueError as error:
        raise Trouble(_sentence(error)) from None
    into.mkdir(parents=True, exist_ok=True)
    for file in files:
        _write_privately(into / file.name, partial(_write, file.content))
    written = [str(into / file.name) for file in files]
    if as_json:
        print_json({"phone": wanted.id, "format": format_id, "files": written})
    else:
        click.echo(f"Written for phone {wanted.id} ({harmless(wanted.name)}): {', '.join(written)}.")


@phone.command("revoke")
@phone_argument
@click.option(
    "--into",
    type=DIRECTORY,
    help="The directory of the switch's configuration.  [default: /etc/asterisk or /etc/freeswitch]",
)
@json_option
@click.pass_context
def revoke(context: click.Context, id: str, into: Path | None, as_json: bool) -> None:
    """Shut a lost phone out: its links die, its SIP secret is changed, and the switch forgets that it is there.

    A call that is going on goes on. The phone that takes its place gets the new secret by a new link.

    \b
    Example:
      appliance phone revoke 201
    """
    from provisioning.links import Links

    places: Places = context.obj
    settings = places.in_force()
    wanted = _phone(settings, id)
    make_data(places.data)
    killed = Links(places.data).revoke(wanted.id, RealClock().now())
    secrets.change(places.secrets_file, secrets.phone(wanted.id))
    rendered = _render(places, settings, into)
    try:
        ended, trouble = _tell_switch(places, settings, wanted.id), ""
    except (Refused, SwitchLost) as error:
        ended, trouble = 0, str(error)
    if as_json:
        done = {"phone": wanted.id, "links_killed": killed, "secret_changed": True}
        switch = {"into": str(rendered.into), "changed": rendered.changed, "switch_told": not trouble}
        print_json({**done, **switch, "registrations_ended": ended})
    else:
        click.echo(f"Links of phone {wanted.id} ({harmless(wanted.name)}) that are dead now: {killed}.")
        click.echo(f"Its secret in {places.secrets_file} is a new one.")
        click.echo(f"Files changed in {rendered.into}: {', '.join(rendered.changed) or 'none'}.")
        if not trouble:
            click.echo(f"The switch has taken them over; registrations of the phone that were ended: {ended}.")
        if rendered.restart:
            click.echo(f"Other files have changed too, and need more: {rendered.restart}")
    if trouble:
        remedy = f"The phone can still call until this is done: {rendered.command}"
        raise Trouble(f"The switch could not be told: {trouble.rstrip('.')}. {remedy}")


@dataclass(frozen=True)
class Rendered:
    """What rendering has changed. `command` is how the switch takes it over, `restart` the same where a reload,
    which is what we do ourselves, is not enough."""

    into: Path
    changed: tuple[str, ...]
    command: str | None
    restart: str | None


def _render(places: Places, settings: Settings, into: Path | None) -> Rendered:
    from dialplan.install import install
    from dialplan.render import DIRECTORIES, Paths, take_over
    from dialplan.render import render as render_files

    into = Path(os.path.abspath(into or DIRECTORIES[settings.switch]))
    paths = Paths(configuration=into, sounds=places.sounds, music=places.music, recordings=settings.recordings)
    try:
        files = render_files(settings, places.secrets(settings), paths)
    except ValueError as error:
        raise Trouble(str(error)) from None
    changed = install(files, into).changed
    command = take_over(settings.switch, changed)
    return Rendered(into, changed, command, command if command and "restart" in command else None)


def _tell_switch(places: Places, settings: Settings, phone: str) -> int:
    """Have the running switch take its configuration over and forget a phone's registrations; how many there were.

    By a connection of our own: a lost phone is shut out whether the appliance runs or not.
    """
    known = places.secrets(settings)

    def pass_by(happened: object) -> None:
        """Nothing that happens matters here."""

    if settings.switch is SwitchKind.FREESWITCH:
        from esl import phones as freeswitch
        from esl.control import Control as EventSocket

        socket = EventSocket(settings.network.event_socket_port, known[secrets.ESL], pass_by, pass_by, pass_by)
        try:
            socket.start()
            freeswitch.take_over(socket)
            return freeswitch.end_registrations(socket, phone)
        finally:
            socket.stop()
    from agi import phones as asterisk
    from agi.control import Control as Manager

    manager = Manager(settings.network.ami_port, "appliance", known[secrets.AMI], pass_by, pass_by, pass_by)
    try:
        manager.start()
        asterisk.take_over(manager)
        return asterisk.end_registrations(manager, phone)
    finally:
        manager.stop()


def _phone(settings: Settings, id: str) -> Phone:
    try:
        return settings.phones[id]
    except KeyError:
        raise Trouble(f"There is no phone {id!r}. {did_you_mean(id, settings.phones)}".rstrip()) from None


def _account(places: Places, settings: Settings, wanted: Phone) -> Any:
    from provisioning.account import account_of

    return account_of(settings, places.secrets(settings)[secrets.phone(wanted.id)], wanted)


def _sentence(error: ValueError) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def _write(content: bytes, file: Path) -> None:
    file.write_bytes(content)


def _write_privately(file: Path, write: Callable[[Path], object]) -> None:
    """By way of a file beside it that nobody else can read at any moment."""
    new = file.with_name(f".{file.name}.new")
    new.unlink(missing_ok=True)
    os.close(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        write(new)
        new.replace(file)
    finally:
        new.unlink(missing_ok=True)


PHONES = (phones, phone, provisioning_group)
