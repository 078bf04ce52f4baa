"""
Measurements in memory, by pyperf: each in processes of its own, in rounds, so that
whatever else the machine does meets all of them alike.  Medians count.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pyperf

from benchmarks.cases import CASES, Case

ROUNDS = 3


class Measure(NamedTuple):
    """
    C{seconds()} is one measurement; a value is the mean of C{times} of them.
    """

    seconds: Callable[[], float]
    times: int = 1

    def value(self, loops: int) -> float:
        """
        As pyperf asks for it.
        """
        return sum(self.seconds() for _ in range(loops * self.times))


def main(measures: Callable[[Case], Mapping[str, Measure]]) -> None:
    """
    The program that L{medians} starts.
    """

    def passOn(command: list[str], options: Any) -> None:
        command += ["--case", options.case, "--count", str(options.count)]

    runner = pyperf.Runner(loops=1, processes=1, program_args=sys.argv[:1], add_cmdline_args=passOn)
    runner.argparser.add_argument("--case", choices=CASES, required=True)
    runner.argparser.add_argument("--count", type=int, required=True)
    options = runner.parse_args()
    for name, measure in measures(CASES[options.case].of(options.count)).items():
        runner.bench_time_func(name, measure.value, inner_loops=measure.times)


def medians(program: str, case: Case, quick: bool) -> dict[str, float]:
    """
    Run the program of which L{main} is the end.

    @return: Seconds of each of its measures.
    """
    # What takes Twisted seconds is measured once a round.
    values, warmups = (1, 0) if quick or case.count > 100_000 else (3, 1)
    found: dict[str, pyperf.Benchmark] = {}
    for _ in range(1 if quick else ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder, "round.json")
            command = [sys.executable, program, "--case", case.name, "--count", str(case.count)]
            command += ["--values", str(values), "--warmups", str(warmups)]
            command += ["--quiet", "--output", str(out)]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            for one in pyperf.BenchmarkSuite.load(str(out)):
                if (name := one.get_name()) in found:
                    found[name].add_runs(one)
                else:
                    found[name] = one
    return {name: one.median() for name, one in found.items()}
