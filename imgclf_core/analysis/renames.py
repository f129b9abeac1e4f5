"""Which classes only got another name between two versions of a data set.

Versions keep no note of it; it is read from the photos: a class is renamed where its name is gone
and all its photos that are still there now have one new name, which no other class became too.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping


def renames(
    before: Mapping[str, str], after: Mapping[str, str], names_after: Collection[str] = ()
) -> dict[str, str]:
    """Old to new name of the classes that were renamed.

    Args:
        before, after: Class by file of the photo, at two times.
        names_after: Classes there are now; those in `after` count in any case.
    """
    old_names, there = set(before.values()), {*after.values(), *names_after}
    became: dict[str, set[str]] = defaultdict(set)
    for file, name in before.items():
        if name not in there and file in after:
            became[name].add(after[file])
    single = {name: next(iter(new)) for name, new in became.items() if len(new) == 1}
    targets = [new for news in became.values() for new in news]
    return {
        name: new
        for name, new in single.items()
        if new not in old_names and targets.count(new) == 1
    }
