"""Runs shellcheck over the `run` blocks of GitHub workflows, as bash.

An expression `${{ … }}` stands for a word; a fault is shown with the workflow, the job and the step. Each workflow
has `shell: bash` as its default, which sets the two options here.
"""

import re
import subprocess
import sys

import yaml

EXPRESSION = re.compile(r"\$\{\{.*?\}\}")


def blocks(path):
    """Yields the place and the script of each `run` of a workflow."""
    with open(path, encoding="utf-8") as file:
        workflow = yaml.safe_load(file)
    for name, job in workflow["jobs"].items():
        for step in job.get("steps", []):
            if "run" in step:
                yield f"{path}: {name}: {step.get('name', step['run'])}", step["run"]


def main(shellcheck, paths):
    """Checks every file; 1 if there is a fault."""
    found = 0
    for path in paths:
        for place, script in blocks(path):
            command = [shellcheck, "--shell=bash", "--format=tty", "-"]
            text = "set -eo pipefail\n" + EXPRESSION.sub("word", script)
            checked = subprocess.run(command, input=text, text=True, check=False)
            if checked.returncode != 0:
                print(place, file=sys.stderr)
                found = 1
    return found


if __name__ == "__main__":
    if len(sys.argv) < 3:
        print("usage: check_run_blocks.py SHELLCHECK WORKFLOW...", file=sys.stderr)
        sys.exit(2)
    sys.exit(main(sys.argv[1], sys.argv[2:]))
