"""Write .env from .env.example, each empty secret filled with a random value; never overwrites.

python3 docker/make_env.py [FILE]        (default: .env beside docker-compose.yml)
"""

import base64
import os
import secrets
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent


def filled(template: str) -> str:
    """The text of `.env.example` with a random value behind every name that has none."""
    lines = []
    for line in template.splitlines():
        name, equals, value = line.partition("=")
        if equals and not value and not line.startswith("#"):
            # Fernet wants exactly this form; for the others it is a random word safe in a URL.
            value = (
                base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
                if "FERNET" in name
                else secrets.token_hex(32)
            )
        lines.append(f"{name}{equals}{value}")
    return "\n".join(lines) + "\n"


def _fernet_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def main(target: Path) -> str | None:
    """Write the file, readable by its owner only; the reason when it cannot be."""
    try:
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return f"{target} is already there and was left as it is; remove it first to have new secrets"
    with os.fdopen(handle, "w") as file:
        file.write(filled((PROJECT / ".env.example").read_text()))
    print(f"wrote {target}")
    return None


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else PROJECT / ".env"))
