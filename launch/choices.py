"""What was chosen once for a data folder: ports and secrets, kept so that yesterday's links and data work."""

from __future__ import annotations

import base64
import dataclasses
import json
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from launch import ports

FILE = "demo.json"


class KeysLost(Exception):
    """The data is there, but not the keys that it was written with."""


def _secret() -> str:
    return secrets.token_urlsafe(24)


def _fernet_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


@dataclass
class Choices:
    site_port: int = 8000
    sandbox_port: int = 8001
    mail_port: int = 8025
    postgres_port: int = 15432
    valkey_port: int = 16379
    secret_key: str = field(default_factory=_secret)
    code_pepper: str = field(default_factory=_secret)
    field_key: str = field(default_factory=_fernet_key)
    superuser_password: str = field(default_factory=_secret)
    owner_password: str = field(default_factory=_secret)
    app_password: str = field(default_factory=_secret)
    valkey_password: str = field(default_factory=_secret)

    @property
    def site_url(self) -> str:
        return f"http://localhost:{self.site_port}"  # Passkeys want this name.

    @property
    def sandbox_url(self) -> str:
        return f"http://localhost:{self.sandbox_port}"


PORTS = tuple(name.name for name in dataclasses.fields(Choices) if name.name.endswith("_port"))


def load(folder: Path) -> Choices:
    """The folder's choices, made now if it is new.

    :raises KeysLost: if there is a database in it, but no choices
    """
    file = folder / FILE
    if file.exists():
        known = {name.name for name in dataclasses.fields(Choices)}
        saved = json.loads(file.read_text(encoding="utf-8"))
        return Choices(**{name: value for name, value in saved.items() if name in known})
    if any(folder.glob("postgres-*[0-9]")):
        raise KeysLost(
            f"{file} is gone, and with it the keys to the data beside it: `./run demo --fresh` begins again."
        )
    return Choices()


def save(choices: Choices, folder: Path) -> None:
    file = folder / FILE
    file.touch(mode=0o600)
    file.write_text(json.dumps(dataclasses.asdict(choices), indent=2) + "\n", encoding="utf-8")


def take_ports(
    choices: Choices, names: tuple[str, ...] = PORTS, *, site_port: int | None = None
) -> list[str]:
    """Claim the chosen ports, others where they are taken; a sentence for each that changed.

    :raises ports.NoFreePort: if the port that was asked for is taken
    """
    if site_port is not None:
        choices.site_port = site_port
        if not ports.claim(site_port):
            raise ports.NoFreePort(f"Port {site_port} is taken, or not for us to use.")
        names = tuple(name for name in names if name != "site_port")
    changes = []
    for name in names:
        preferred: int = getattr(choices, name)
        port = ports.choose(preferred)
        if port != preferred:
            changes.append(f"Port {preferred} is taken: {name.removesuffix('_port')} has {port}.")
        setattr(choices, name, port)
    return changes
