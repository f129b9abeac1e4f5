"""The whole main job with little memory, as on a small shared server.

`python -m tests.benchmarks.memory_limit [ZIP] --limits 1200 900 690`; needs root and Linux.
Columns: the limit of the server and its jobs together; what was done, how it ended, and seconds;
most anonymous memory of all together as sampled; how often the limit was hit (pages of files are
let go of then); and what was said.
"""

import argparse
import json
import subprocess
import sys


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("zip", nargs="?", default="drawn")
    parser.add_argument("--limits", nargs="+", type=int, default=[1200, 900, 690])
    options = parser.parse_args()
    print("| limit MB | step | ended as | s | anonymous MB | limit hit | said |")
    print("|---|---|---|---|---|---|---|", flush=True)
    for limit in options.limits:
        command = [sys.executable, "-m", "tests.memory.main_job", options.zip, str(limit)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as job:
            for line in job.stdout:
                row = json.loads(line)
                names = ("step", "state", "seconds", "megabytes", "hits", "said")
                print(f"| {limit} | {' | '.join(str(row[name]) for name in names)} |", flush=True)


if __name__ == "__main__":
    main()
