"""All that is done to the program to break it, as one table.

    python -m tests.hardening [SHARE]

The 38 faults by number, 500 kills, 100,000 fuzzed inputs, an hour of the monkey and ten minutes of
memory at full speed; a SHARE of 0.05 does a twentieth of all but the faults. Exit code 1 where
anything was lost.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from tests.hardening.faults import FAULTS

ROOT = Path(__file__).parents[2]
KILLS, CASES, MONKEY, MEMORY = 500, 100_000, 60.0, 10.0
"""At a share of 1; the last two in minutes."""
ENVIRONMENT = {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT), **os.environ}


def main() -> None:
    share = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    print("| what | came of it |\n|---|---|", flush=True)
    sound = _faults()
    kills, cases = max(1, round(KILLS * share)), round(CASES * share)
    minutes, long = MONKEY * share, max(3.0, MEMORY * share)
    for name, *command in (
        (f"{kills:,} kills −9 while it saves", "kills", str(kills)),
        (f"{cases:,} fuzzed inputs", "fuzz", str(cases), "1"),
        (f"the monkey, {minutes:g} minutes", "monkey", str(minutes), "1"),
        (f"memory at full speed, {long:g} minutes", "memory", str(long)),
    ):
        sound &= _section(name, command)
    sys.exit(0 if sound else 1)


def _faults() -> bool:
    """Runs the tests of all faults in one go, and says of each what came of it."""
    tests = sorted({test for fault in FAULTS for test in fault.tests})
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-n0", f"--junitxml={report}", *tests],
            cwd=ROOT,
            env=ENVIRONMENT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        results: dict[str, list[str]] = {}
        for case in ElementTree.parse(report).iter("testcase"):
            function = f"{case.get('classname')}::{str(case.get('name')).partition('[')[0]}"
            kinds = {child.tag for child in case} & {"failure", "error", "skipped"}
            results.setdefault(function, []).append(min(kinds, default="passed"))
    sound = True
    for fault in FAULTS:
        came = [
            came
            for test in fault.tests
            for came in results.get(test.replace(".py::", "::").replace("/", "."), ["error"])
        ]
        lost = [test for test in came if test in ("failure", "error")]
        sound &= not lost
        skipped = came.count("skipped")
        told = f"LOST in {len(lost)} of {len(came)}" if lost else "PASS"
        told += f", {skipped} not tried here" if skipped else ""
        print(f"| {fault.number} {fault.name} | {told} |", flush=True)
    return sound


def _section(name: str, command: list[str]) -> bool:
    start = time.monotonic()
    module, *arguments = command
    done = subprocess.run(
        [sys.executable, "-m", f"tests.hardening.{module}", *arguments],
        cwd=ROOT,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
    )
    lines = (done.stdout.strip() or done.stderr.strip() or "nothing was said").splitlines()
    seconds = time.monotonic() - start
    told = lines[-1] if done.returncode == 0 else f"LOST: {lines[-1]}"
    print(f"| {name} | {told} ({seconds:.0f} s) |", flush=True)
    if done.returncode:
        print(done.stdout[-3000:], done.stderr[-3000:], file=sys.stderr)
    return done.returncode == 0


if __name__ == "__main__":
    main()
