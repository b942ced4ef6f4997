"""Taking the web's port."""

import errno
import socket

from o2o.embedded.errors import LaunchError

DEFAULT_PORT = 8000
LAST_PORT = 65535
LISTEN_BACKLOG = 512


def open_listener(host: str, port: int) -> socket.socket:
    """Take the port now and keep it: no other program can slip in while we start.

    Raises LaunchError in one line.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (socket.gaierror, UnicodeError) as error:
        message = f"HOST {host!r} is not an address of this machine."
        raise LaunchError(message) from error
    listener = socket.socket(family, kind)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(LISTEN_BACKLOG)
    except OSError as error:
        listener.close()
        raise LaunchError(_why_no_port(host, port, error)) from error
    return listener


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
