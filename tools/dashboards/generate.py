"""Writes the dashboards, or with --check says whether those that are there are what would be written.

    generate.py [--check] FOLDER
"""

import sys
from pathlib import Path

import daemon
import host
import overview
import remediation
import series
from board import text_of


def main(arguments):
    """0: written, or all is as it would be written."""
    check = "--check" in arguments
    (folder,) = [Path(argument) for argument in arguments if argument != "--check"]
    texts = {module.UID: text_of(module.build()) for module in [overview, series, host, remediation, daemon]}
    stale = []
    for uid, text in texts.items():
        file = folder / f"{uid}.json"
        if not file.is_file() or file.read_text(encoding="utf-8") != text:
            stale.append(str(file))
            if not check:
                file.write_text(text, encoding="utf-8")
    stale += [str(file) for file in folder.glob("*.json") if file.stem not in texts]
    if check and stale:
        print(f"not what tools/dashboards writes: {', '.join(stale)}; run: make dashboards", file=sys.stderr)
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
