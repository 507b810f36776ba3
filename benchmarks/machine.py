"""Describes the machine and the commit that figures were measured on."""

import os
import platform
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent


def described(load: tuple[float, float, float]) -> str:
    """One sentence: date, commit, processor, memory, kernel, Python, and the ``load`` averages before the run."""
    memory = round(psutil.virtual_memory().total / 2**30)
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {_commit()}; {os.cpu_count()} cores ({_processor()}), "
        f"{memory} GiB; Linux {platform.release()}, Python {platform.python_version()}; "
        f"load average before the run {load[0]:.1f} (1 minute), {load[1]:.1f} (5 minutes)."
    )


def _commit() -> str:
    if not shutil.which("git"):
        return "unknown"

    def git(*arguments: str) -> str:
        return subprocess.run(
            ["git", "--no-optional-locks", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
        ).stdout.strip()

    changed = " with changes" if git("status", "--porcelain", "--", "chassis", "services", "deploy") else ""
    return (git("rev-parse", "--short", "HEAD") or "unknown") + changed


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
