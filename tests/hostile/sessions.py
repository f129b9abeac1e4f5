"""Cases 36 to 40: trainings that go wrong, sessions that end, and a machine that gives out.

They take a network that learns, a browser or a server that is killed, so they are tests of their
own, named here.
"""

from tests.hostile.case import Case

_TRAINER, _QUEUE = "tests/training/test_trainer.py", "tests/jobs/test_queue.py"
_SURVIVAL, _WEIGHTS = "tests/browser/test_survival.py", "tests/networks/test_weights_download.py"

CASES = (
    Case(
        36,
        "A loss that is no number",
        ("learning rate",),
        beyond=(f"{_TRAINER}::test_a_loss_that_is_no_number_ends_the_training",),
    ),
    Case(
        37,
        "Stopped at any moment",
        ("Cancelled",),
        beyond=(
            f"{_TRAINER}::test_stop_before_the_first_epoch_keeps_nothing",
            f"{_TRAINER}::test_stop_keeps_the_best_epoch_so_far",
            f"{_TRAINER}::test_a_cancelled_training_leaves_no_result",
            f"{_QUEUE}::test_a_living_job_is_not_started_twice",
        ),
    ),
    Case(
        38,
        "A refresh, a closed tab, a lost connection",
        ("interrupted",),
        beyond=(
            f"{_SURVIVAL}::test_a_training_outlives_the_server_and_its_own_death_is_told",
            f"{_SURVIVAL}::test_a_lost_connection_loses_nothing_and_cancel_discards",
            "tests/jobs/test_time_limits.py::test_nobody_looks_for_ten_minutes",
            "tests/workspaces/test_expiry.py::test_a_visitors_workspace_goes_a_day_after_the_last_visit",
        ),
    ),
    Case(
        39,
        "Two at once, a killed child, a full disk",
        ("The disk is full",),
        beyond=(
            f"{_QUEUE}::test_jobs_are_served_in_order",
            f"{_QUEUE}::test_a_killed_job_is_shown_as_interrupted",
            f"{_TRAINER}::test_a_batch_that_does_not_fit_is_made_smaller",
            "tests/jobs/test_deaths.py::test_a_full_disk_is_called_by_its_name",
            "tests/memory/test_small_machine.py"
            "::test_a_job_that_the_system_ends_for_its_memory_takes_nobody_along",
        ),
    ),
    Case(
        40,
        "No network, broken weights",
        ("The weights that come with the app",),
        beyond=(
            f"{_WEIGHTS}::test_a_host_that_cannot_be_reached_is_said",
            f"{_WEIGHTS}::test_a_download_that_was_changed_on_the_disk_is_made_anew",
            "tests/networks/test_weights.py::test_a_damaged_shipped_file_is_named",
        ),
    ),
)
