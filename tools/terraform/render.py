"""Renders a module of terraform/ that needs no provider, as Terraform itself does, without touching the tree."""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
TERRAFORM = os.environ.get("TERRAFORM", "terraform")


def render(module, variables):
    """The outputs of terraform/<module> with these variables."""
    with tempfile.TemporaryDirectory() as scratch:
        for folder in ("rules", "dashboards"):
            shutil.copytree(PROJECT / folder, Path(scratch, folder))
        place = Path(scratch, "terraform", module)
        shutil.copytree(PROJECT / "terraform" / module, place)
        place.joinpath("given.auto.tfvars.json").write_text(json.dumps(variables))
        terraform(place, "init", "-input=false")
        terraform(place, "apply", "-auto-approve", "-input=false")
        outputs = json.loads(terraform(place, "output", "-json"))
    return {name: output["value"] for name, output in outputs.items()}


def terraform(place, *arguments):
    """What a command prints; ends the program with its errors if it fails."""
    environment = os.environ | {"CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"}
    environment.pop("TF_CLI_CONFIG_FILE", None)
    done = subprocess.run(
        [TERRAFORM, f"-chdir={place}", *arguments], capture_output=True, text=True, env=environment, check=False
    )
    if done.returncode != 0:
        raise SystemExit(f"terraform {arguments[0]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout
