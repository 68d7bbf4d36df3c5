"""The commands of the HTTPS server for phones: serving, and its certificate."""

import os
import signal
from collections.abc import Mapping
from pathlib import Path

import click

from appliance import logs
from appliance.commands.live import json_option, print_json
from appliance.commands.show import iso, moment
from appliance.places import Places, zone_of
from appliance.settings import Provisioning, Settings
from appliance.trouble import Trouble

DIRECTORY = click.Path(file_okay=False, path_type=Path)


@click.group()
def provisioning() -> None:
    """The HTTPS server from which phones fetch their configuration.

    \b
    Examples:
      appliance provisioning certificate
      appliance provisioning serve
    """


@provisioning.command("serve")
@click.option("-v", "--verbose", is_flag=True, help="Log what is done in detail.")
@click.pass_obj
def serve(places: Places, verbose: bool) -> None:
    """Serve phones their configuration in the foreground, until it is told to stop (Ctrl-C, SIGTERM).

    SIGHUP has it read its certificate again. Configuration and secrets are read anew for each link.

    \b
    Example:
      appliance provisioning serve
    """
    import gevent
    from gevent.event import Event

    from provisioning.links import Links
    from provisioning.server import Server, Site

    logs.begin(verbose)

    def load() -> tuple[Settings, Mapping[str, str]]:
        settings = places.in_force()
        return settings, places.secrets(settings)

    settings, section = settings_and_section(places)
    load()
    server = Server(Site(Links(places.data), load, section.networks), section)
    stopped = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        gevent.signal_handler(number, stopped.set)
    gevent.signal_handler(signal.SIGHUP, server.reload)
    try:
        server.start()
    except OSError as error:
        where = f"{section.address} port {section.port}"
        raise Trouble(f"The server cannot listen on {where}: {error.strerror or error}.") from None
    click.echo(f"The phones of {settings.company} are served on {section.address} port {section.port}.")
    stopped.wait()
    server.stop(timeout=5)


@provisioning.command("certificate")
@click.option("--into", type=DIRECTORY, help="The directory to write to.  [default: that of `certificate:`]")
@click.option("--name", "names", multiple=True, help="A further name or address of the server.")
@json_option
@click.pass_obj
def certificate(places: Places, into: Path | None, names: tuple[str, ...], as_json: bool) -> None:
    """Make a certificate for the server, signed by an authority of your own, which is made at first.

    Phones have to be told to trust that authority (ca.crt). Where the server has a name that the world knows,
    rather get a certificate that phones trust already (ACME). Done again, this renews the server's certificate.

    \b
    Examples:
      appliance provisioning certificate
      appliance provisioning certificate --name 192.0.2.10
    """
    from provisioning.certificates import make_certificate

    settings, section = settings_and_section(places)
    into = Path(os.path.abspath(into or section.certificate.parent))
    made = make_certificate(into, tuple(dict.fromkeys((section.host, *names))), settings.company)
    zone = zone_of(settings)
    if as_json:
        data = {"authority": str(made.authority), "certificate": str(made.certificate), "key": str(made.key)}
        print_json({**data, "made_authority": made.made_authority, "expires_at": iso(made.ends.timestamp(), zone)})
        return
    what = "made" if made.made_authority else "used again"
    click.echo(f"Authority, {what}: {made.authority}; have the phones trust it.")
    click.echo(
        f"Certificate and key: {made.certificate}, {made.key}; until {moment(made.ends.timestamp(), zone)}."
    )
    if (made.certificate, made.key) != (section.certificate, section.key):
        click.echo(f"The configuration names others: {section.certificate}, {section.key}.")


def settings_and_section(places: Places) -> tuple[Settings, Provisioning]:
    """The configuration and its section "provisioning"; Trouble where there is none."""
    settings = places.in_force()
    if settings.provisioning is None:
        remedy = "docs/phones.md says what it needs"
        raise Trouble(f'The configuration in {places.config} has no section "provisioning": {remedy}.')
    return settings, settings.provisioning
