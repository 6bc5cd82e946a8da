"""Puts what the logs of scripts/fuzz.sh say into the table of docs/fuzzing.md, in which other targets keep their rows; fails if
a target found something.

    python scripts/fuzz_notes.py LOGS PAGE TARGET...
"""

import datetime
import os
import pathlib
import platform
import re
import subprocess
import sys

logs, page, targets = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3:]
BEGIN, END = "<!-- runs: scripts/fuzz.sh -->\n", "<!-- end of runs -->\n"


def last(pattern, text, default="0"):
    found = re.findall(pattern, text)
    return found[-1] if found else default


def row(target, date):
    log = (logs / f"{target}.log").read_text(errors="replace")
    seconds, status, commit = re.search(r"RAN (\d+) SECONDS, STATUS (\d+), COMMIT (\w+)", log).groups()
    # Other work on the machine goes first, so that the clock alone says little.
    processor = float(last(r"PROCESSOR ([\d.]+)", log))
    runs = int(last(r"number_of_executed_units:\s+(\d+)", log) if "executed_units" in log else last(r"#(\d+)\t", log))
    edges, all_edges = int(last(r"cov: (\d+)", log)), int(last(r"\((\d+) inline 8-bit counters\)", log))
    corpus = last(r"corp: (\d+)/", log)
    slowest = last(r"slowest_unit_time_sec:\s+(\d+)", log, "–")
    memory = last(r"peak_rss_mb:\s+(\d+)", log, last(r"rss: (\d+)Mb", log))
    end = "nothing" if status == "0" else last(r"(panicked at [^\n]*|memory cap exceeded|ALARM|out-of-memory|deadly signal)", log, "stopped")
    cells = [target, f"{date}, {commit}", f"{int(seconds) / 60:.1f}", f"{processor / 60:.1f}", f"{runs:,}", f"{edges:,} of {all_edges:,}", corpus, slowest, memory, end]
    return status != "0", "| " + " | ".join(cells) + " |\n"


def machine():
    info = pathlib.Path("/proc/cpuinfo")
    names = re.findall(r"model name\s*: (.*)", info.read_text()) if info.exists() else []
    return f"{names[0] if names else platform.machine()}, {os.cpu_count()} cores"


rustc = subprocess.run(["rustc", "--version"], capture_output=True, text=True).stdout.split(" (")[0]
(before, rest) = page.read_text().split(BEGIN)
old, after = rest.split(END)
rows = {line.split("|")[1].strip(): line for line in old.splitlines(keepends=True) if line.startswith("| ")}
rows.pop("target", None)
failed = False
for target in targets:
    found, rows[target] = row(target, datetime.date.today())
    failed |= found
text = f"{rustc}, {machine()}, which other work may have shared.\n\n"
text += "| target | date, commit | minutes | of processor | inputs tried | edges reached | corpus | slowest (s) | peak memory (MB) | found |\n"
text += "|---|---|---|---|---|---|---|---|---|---|\n" + "".join(rows.values())
page.write_text(before + BEGIN + text + END + after)
print(text)
sys.exit(failed)
