#!/usr/bin/env python3
"""embed.py OUT.c VERSION FILE...: writes the page's files as the table of daemon/assets.h.

What is JSON describes the interface, of the version that it gets in place of @VERSION@.

Runs at build time wherever meson is, so: the standard library only. The same files give the same
bytes, for builds to be reproducible.
"""

import gzip
import hashlib
import json
import os
import sys

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
LINE = 24


def url_path(name):
    if name.endswith(".json"):
        return "/v1/" + name
    return "/" if name == "index.html" else "/" + name


def byte_array(symbol, content):
    # An array, as ISO C promises only 4095 characters of a string literal.
    lines = (",".join(str(byte) for byte in content[at:at + LINE])
             for at in range(0, len(content), LINE))
    return "static const unsigned char %s[] = {\n%s};\n" % (symbol, ",\n".join(lines))


def compact(content, version):
    text = json.dumps(json.loads(content), ensure_ascii=False, separators=(",", ":"))
    return text.replace("@VERSION@", version).encode()


def main(out, version, files):
    arrays = []
    rows = []
    for path in sorted(files, key=lambda path: url_path(os.path.basename(path))):
        name = os.path.basename(path)
        extension = os.path.splitext(name)[1]
        if extension not in TYPES:
            sys.exit("embed.py: %s: no media type known for '%s'" % (path, extension))
        with open(path, "rb") as source:
            content = source.read()
        if extension == ".json":
            content = compact(content, version)
        if not content:
            sys.exit("embed.py: %s: is empty" % path)
        packed = gzip.compress(content, compresslevel=9, mtime=0)
        symbol = "".join(c if c.isalnum() else "_" for c in name)
        etag = hashlib.sha256(content).hexdigest()[:32]
        arrays += [byte_array(symbol, content), byte_array(symbol + "_gzip", packed)]
        rows.append('    {"%s", "%s", "\\"%s\\"", %s, sizeof(%s), %s_gzip, sizeof(%s_gzip)},\n'
                    % (url_path(name), TYPES[extension], etag, symbol, symbol, symbol, symbol))

    text = "/* Made by static/embed.py: do not edit. */\n#include \"daemon/assets.h\"\n\n"
    text += "\n".join(arrays)
    text += "\nconst struct asset assets[] = {\n%s};\n" % "".join(rows)
    text += "const size_t asset_count = sizeof(assets) / sizeof(assets[0]);\n"
    with open(out, "w", encoding="ascii", newline="\n") as target:
        target.write(text)


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit("usage: embed.py OUT.c VERSION FILE...")
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
