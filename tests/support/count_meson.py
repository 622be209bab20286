"""Counts what meson's tests did: count_meson.py TESTLOG.JSON prints "PASSED FAILED", and below it,
a line each, why what was skipped was.

A program written with Check tells how many checks it made; any other program is one test, and none
if it was skipped as a whole.
"""
import json
import os
import re
import sys

if not os.path.exists(sys.argv[1]):
    print(0, 1)  # meson did not get as far as running a test
    sys.exit()
passed = failed = 0
skips = []
with open(sys.argv[1], encoding="utf-8") as log:
    for line in log:
        test = json.loads(line)
        good = test["result"] == "OK"
        output = test.get("stdout", "")
        counts = re.findall(r"Checks: (\d+), Failures: (\d+), Errors: (\d+)", output)
        reasons = re.findall(r"^skipped: (.*)$", output, re.MULTILINE)
        skips += reasons
        if good and reasons and not counts:
            continue
        if not counts:
            passed, failed = passed + good, failed + (not good)
            continue
        for checks, failures, errors in counts:
            bad = int(failures) + int(errors)
            passed, failed = passed + int(checks) - bad, failed + bad
        # A sanitizer's complaint after the last check, say.
        failed += not good and not any(int(f) + int(e) for _, f, e in counts)
print(passed, failed)
for reason in skips:
    print(reason)
