#!/usr/bin/env python3
"""hand_over.py SOCKET... -- COMMAND...: runs a command with sockets as systemd would hand them over.

A SOCKET is tcp:ADDR:PORT or unix:PATH, which listen; bound:ADDR:PORT, which does not; udp:ADDR:PORT;
or file:PATH."""
import os
import socket
import sys

FIRST = 3  # sd_listen_fds(3)
ASIDE = 100


def inet(kind, address):
    host, port = address.rsplit(":", 1)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, kind)
    made.bind((host.strip("[]"), int(port)))
    return made


def open_one(spec):
    kind, address = spec.split(":", 1)
    if kind == "file":
        return os.open(address, os.O_RDONLY)
    if kind == "unix":
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        made.bind(address)
    else:
        made = inet(socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM, address)
    if kind in ("tcp", "unix"):
        made.listen()
    return made.detach()


def main():
    split = sys.argv.index("--")
    opened = [open_one(spec) for spec in sys.argv[1:split]]
    # Out of the way first, since some may be where others belong.
    for i, fd in enumerate(opened):
        os.dup2(fd, ASIDE + i, inheritable=False)
    for i in range(len(opened)):
        os.dup2(ASIDE + i, FIRST + i)
    os.environ.update(LISTEN_FDS=str(len(opened)), LISTEN_PID=str(os.getpid()))
    os.execv(sys.argv[split + 1], sys.argv[split + 1:])


main()
