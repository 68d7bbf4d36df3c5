"""The sections of the YAML of which there is one each: what the site says about itself."""

import shlex
from dataclasses import fields as fields_of
from pathlib import Path

from appliance.configuration import fields, web_sections
from appliance.configuration.documents import Node
from appliance.configuration.sections import Sections
from appliance.configuration.shapes import TEXT, shaped
from appliance.configuration.tables import Fields, Wrong
from appliance.settings import FeatureCodes, Keep, Network, Provisioning, Speech, Web
from appliance.settings.web import Texts


class SiteSections:
    """Makes a section of its fields."""

    def __init__(self, sections: Sections) -> None:
        self._sections = sections

    def keep(self, each: Fields) -> Keep:
        return Keep(
            records=each.take("records", fields.retention, Keep.records),
            recordings=each.take("recordings", fields.retention, Keep.recordings),
            journal=each.take("journal", fields.retention, Keep.journal),
            backups=each.take("backups", fields.whole(1, 1000), Keep.backups),
            versions=each.take("versions", fields.whole(2, 1000), Keep.versions),
        )

    def network(self, each: Fields) -> Network:
        return Network(
            sip_address=each.take("sip_address", fields.ip_address, Network.sip_address),
            sip_port=each.take("sip_port", fields.port, Network.sip_port),
            rtp_first=each.take("rtp_first", fields.port, Network.rtp_first),
            rtp_last=each.take("rtp_last", fields.port, Network.rtp_last),
            external_address=each.take("external_address", fields.host, None),
            local_networks=each.items("local_networks", fields.address),
            agi_port=each.take("agi_port", fields.port, Network.agi_port),
            ami_port=each.take("ami_port", fields.port, Network.ami_port),
            esl_port=each.take("esl_port", fields.port, Network.esl_port),
            event_socket_port=each.take("event_socket_port", fields.port, Network.event_socket_port),
            tls_port=each.take("tls_port", fields.port, None),
            certificate=each.take("certificate", self._sections.path, Network.certificate),
            key=each.take("key", self._sections.path, Network.key),
        )

    def speech(self, each: Fields) -> Speech:
        voices = each.table("voices", fields.language, fields.text, "")
        command = each.take("command", speech_command, Speech.command)
        return Speech(command, {**Speech().voices, **voices})

    def codes(self, each: Fields) -> FeatureCodes:
        written = {code.name: each.take(code.name, fields.feature_code, None) for code in fields_of(FeatureCodes)}
        return FeatureCodes(**{name: code for name, code in written.items() if code is not None})

    def web(self, each: Fields) -> Web:
        return web_sections.web(each, self.texts)

    @shaped(web_sections.TEXTS)
    def texts(self, node: Node) -> Texts:
        """What is written, and not said: one text, or one for each language."""
        return self._sections.by_language(node, fields.text)

    def provisioning(self, each: Fields) -> Provisioning:
        return Provisioning(
            host=each.need("host", fields.host, ""),
            certificate=each.need("certificate", self._sections.path, Path()),
            key=each.need("key", self._sections.path, Path()),
            networks=each.items("networks", fields.address, "Name the networks of the phones.", needed=True),
            address=each.take("address", fields.ip_address, Provisioning.address),
            port=each.take("port", fields.port, Provisioning.port),
            sip_host=each.take("sip_host", fields.host, None),
            voicemail=each.take("voicemail", fields.dialled, None),
        )


@shaped({**TEXT, "pattern": r"\{file\}"})
def speech_command(node: Node) -> str:
    """A command that reads text and writes {file}."""
    command = fields.paragraph(node)
    if "{file}" not in command:
        raise Wrong(node.place, "The command does not say where to write.", "Put {file} where the name goes.")
    try:
        shlex.split(command)
    except ValueError as error:
        raise Wrong(node.place, f"This is not a command: {error}.", "Check its quotation marks.") from error
    return command
