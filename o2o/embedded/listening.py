"""Taking the web's port, with one listening socket per web process."""

import errno
import socket
import sys

from o2o.embedded.errors import LaunchError

DEFAULT_PORT = 8000
LAST_PORT = 65535
LISTEN_BACKLOG = 512
# Only Linux deals connections out among several sockets of one address.
SPREADS = sys.platform == "linux" and hasattr(socket, "SO_REUSEPORT")


def open_listeners(host: str, port: int, *, count: int) -> list[socket.socket]:
    """Take the port now and keep it: no other program can slip in while we start.

    Returns `count` sockets of the same address, or a single one where the system does not spread
    connections over several. Raises LaunchError in one line.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (socket.gaierror, UnicodeError) as error:
        message = f"HOST {host!r} is not an address of this machine."
        raise LaunchError(message) from error
    found: list[socket.socket] = []
    try:
        # Alone first: beside a second copy that shares its port the same way there is no error.
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
        for _number in range(count if SPREADS else 1):
            listener = socket.socket(family, kind)
            found.append(listener)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if SPREADS:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            listener.bind(address)
            listener.listen(LISTEN_BACKLOG)
    except OSError as error:
        for listener in found:
            listener.close()
        raise LaunchError(_why_no_port(host, port, error)) from error
    return found


def _why_no_port(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} on {host} is in use by another program; choose a free one, "
            f"for example PORT={port + 1 if port < LAST_PORT else DEFAULT_PORT}."
        )
    if error.errno == errno.EACCES:
        return (
            f"You may not open port {port}; choose one above 1023, for example PORT={DEFAULT_PORT}."
        )
    if error.errno == errno.EADDRNOTAVAIL:
        return f"HOST {host!r} is not an address of this machine."
    return f"Port {port} on {host} cannot be opened: {error.strerror}."
