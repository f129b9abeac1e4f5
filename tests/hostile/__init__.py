"""Forty bad inputs, each tried through the door a visitor would use, with what was said and kept.

`case.py` tells what a case and its outcome are, `visitor.py` who tries them: somebody with photos
and a model already, beside a stranger with their own. `zips`, `layouts`, `pictures`, `names`,
`models` and `sessions` hold the cases, `cases.py` all of them in order, and `threats.py` leads
from each known threat to the tests that stand against it. Every bad input is made in code.

    python -m tests.benchmarks.forty_cases    prints the table of all outcomes
    pytest tests/hostile                      holds each to its sentence
"""
