#!/usr/bin/env python3
"""datagrams.py udp:ADDR:PORT|unix:PATH: sends each line of standard input, a JSON string, as one
datagram, and says so with a line; ends with its input."""
import json
import socket
import sys

kind, _, rest = sys.argv[1].partition(":")
if kind == "unix":
    sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sender.connect(rest)
else:
    host, port = rest.rsplit(":", 1)
    host = host.strip("[]")
    sender = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
    sender.connect((host, int(port)))
for line in sys.stdin:
    sender.send(json.loads(line).encode("latin-1"))
    print("sent", flush=True)
