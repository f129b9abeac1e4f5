"""Which tests stand against which known threat.

The threats: Z1 to Z16 zips (paths that lead out, zips in zips, overlapping files, lying sizes,
links, passwords, unknown compression, one name twice, other alphabets, files of systems, wrapper
folders, divided trees, too few classes, too many files, names that cannot be seen, files that are
no zip); I1 to I14 pictures (damaged, bombs, other decoders, false endings, animations, deep grey,
printers' colours, transparency, orientation, HEIC, SVG, tiny ones, two ways of decoding, copies);
K1 and K2 models (code inside, pickles); X1 to X4 text (Markdown, charts, spreadsheets, names of
downloads); S1 to S11 sessions (other visitors, memory, cancel, refresh, killed children, a full
disk, losses that are no number, weights, classes missing on a side, tracebacks, known
vulnerabilities).
"""

_ZIPS, _ARCHIVE = "tests/archives/test_hostile_zips.py", "tests/archives/test_sources.py"
_IMAGES, _DECODE = "tests/images/test_hostile_images.py", "tests/images/test_decode.py"
_INGEST, _LAYOUT = (
    "tests/datasets/ingest/test_ingestion.py",
    "tests/datasets/test_folder_layout.py",
)
_TRAINER, _QUEUE = "tests/training/test_trainer.py", "tests/jobs/test_queue.py"
_MEMORY, _NAMING = "tests/memory/test_small_machine.py", "tests/support/test_safe_text.py"
_SURVIVAL = "tests/browser/test_survival.py"

THREATS: dict[str, tuple[str, ...]] = {
    "Z1": (f"{_ARCHIVE}::test_names_that_mean_harm_are_skipped_with_a_reason",),
    "Z2": (f"{_ZIPS}::test_a_zip_that_cannot_be_trusted_is_refused",),
    "Z3": (
        f"{_ARCHIVE}::test_overlapping_files_reject_the_zip",
        f"{_ZIPS}::test_a_zip_that_cannot_be_trusted_is_refused",
    ),
    "Z4": (
        f"{_ARCHIVE}::test_a_lying_size_never_gives_more_than_the_limit",
        f"{_ZIPS}::test_a_bomb_of_zeros_is_skipped_without_unpacking_it",
    ),
    "Z5": (f"{_ARCHIVE}::test_links_are_not_followed",),
    "Z6": (f"{_ARCHIVE}::test_a_password_is_named",),
    "Z7": (f"{_ARCHIVE}::test_an_unknown_compression_is_named",),
    "Z8": (
        f"{_ZIPS}::test_one_name_twice_is_two_photos",
        f"{_INGEST}::test_the_same_bytes_twice_are_two_photos_in_one_group",
    ),
    "Z9": (f"{_ZIPS}::test_names_of_other_times_and_places_are_one_readable_class",),
    "Z10": (f"{_ZIPS}::test_files_of_operating_systems_are_counted",),
    "Z11": (f"{_LAYOUT}::test_wrapper_folders_are_dropped",),
    "Z12": (
        f"{_LAYOUT}::test_trees_that_come_divided_keep_their_sides",
        f"{_INGEST}::test_a_tree_that_came_divided_keeps_its_test",
    ),
    "Z13": (
        f"{_INGEST}::test_what_cannot_be_a_data_set_is_said",
        f"{_TRAINER}::test_a_class_too_small_is_refused_by_name",
    ),
    "Z14": (
        f"{_ZIPS}::test_a_list_of_many_files_is_never_held_in_memory",
        f"{_INGEST}::test_too_many_photos_are_refused_before_any_is_read",
    ),
    "Z15": (f"{_NAMING}::test_a_clean_name_is_one_short_line_of_visible_letters",),
    "Z16": ("tests/archives/test_archive_damage.py::test_other_files_are_told_by_their_bytes",),
    "I1": (f"{_IMAGES}::test_every_bad_picture_is_skipped_with_its_reason",),
    "I2": (f"{_DECODE}::test_a_bomb_of_pixels_is_refused",),
    "I3": (f"{_IMAGES}::test_no_program_is_started_for_a_drawing",),
    "I4": (f"{_INGEST}::test_the_content_tells_the_format_and_not_the_name",),
    "I5": (f"{_IMAGES}::test_five_hundred_frames_give_the_first_in_no_time",),
    "I6": (f"{_IMAGES}::test_deep_grey_is_neither_white_nor_black",),
    "I7": (f"{_IMAGES}::test_printers_colours_are_turned_into_light",),
    "I8": (f"{_IMAGES}::test_transparency_is_laid_on_white",),
    "I9": (f"{_IMAGES}::test_all_orientations_of_all_formats_give_the_same_upright_photo",),
    "I10": (f"{_IMAGES}::test_every_format_shows_the_same_scene",),
    "I11": (f"{_DECODE}::test_what_is_no_photo_is_named",),
    "I12": (f"{_IMAGES}::test_odd_pictures_are_taken",),
    "I13": (
        f"{_DECODE}::test_every_format_gives_upright_rgb",
        "tests/bundles/writer/test_predict.py",
    ),
    "I14": (
        f"{_INGEST}::test_a_photo_that_is_added_again_is_a_copy_on_the_same_side",
        "tests/datasets/checks/test_copy_checks.py",
    ),
    "K1": (
        "tests/bundles/reader/test_foreign.py::test_foreign_models_are_told_by_their_content",
        "tests/bundles/reader/test_content.py::test_a_header_that_promises_gigabytes_is_refused",
        "tests/bundles/reader/test_manifest.py::test_what_the_manifest_cannot_say",
    ),
    "K2": ("tests/bundles/reader/test_content.py::test_pickled_arrays_are_refused",),
    "X1": (
        f"{_NAMING}::test_every_sign_of_markdown_is_escaped",
        f"{_NAMING}::test_bare_addresses_do_not_become_links",
    ),
    "X2": (f"{_NAMING}::test_chart_text_has_no_tags",),
    "X3": (f"{_NAMING}::test_a_spreadsheet_runs_no_cell",),
    "X4": (f"{_NAMING}::test_a_file_name_is_safe_on_every_system",),
    "S1": (f"{_SURVIVAL}::test_strangers_do_not_see_each_other",),
    "S2": (
        f"{_MEMORY}::test_everything_works_with_1200_megabytes",
        "tests/jobs/test_admission.py"
        "::test_a_job_that_takes_too_much_memory_ends_itself_and_says_so",
        "tests/jobs/test_quotas.py::test_a_visitor_may_ask_for_so_many_jobs_at_once",
    ),
    "S3": (
        f"{_QUEUE}::test_a_job_can_be_cancelled_while_it_waits",
        f"{_TRAINER}::test_stop_keeps_the_best_epoch_so_far",
    ),
    "S4": (
        f"{_SURVIVAL}::test_a_training_outlives_the_server_and_its_own_death_is_told",
        "tests/jobs/test_time_limits.py::test_nobody_looks_for_ten_minutes",
    ),
    "S5": (
        f"{_MEMORY}::test_a_job_that_the_system_ends_for_its_memory_takes_nobody_along",
        "tests/jobs/test_deaths.py::test_a_death_without_a_word_is_read_from_the_exit_status",
    ),
    "S6": (
        "tests/jobs/test_deaths.py::test_a_full_disk_is_called_by_its_name",
        "tests/workspaces/test_expiry.py::test_leftovers_of_killed_work_go_after_an_hour",
    ),
    "S7": (
        f"{_TRAINER}::test_a_loss_that_is_no_number_ends_the_training",
        "tests/jobs/test_events.py::test_a_number_that_is_none_is_refused",
    ),
    "S8": (
        "tests/networks/test_weights_download.py"
        "::test_a_download_that_was_changed_on_the_disk_is_made_anew",
        "tests/networks/test_weights.py::test_a_damaged_shipped_file_is_named",
    ),
    "S9": (
        f"{_INGEST}::test_a_folder_that_is_empty_on_one_side_is_still_a_class",
        "tests/datasets/test_split.py",
    ),
    "S10": (
        "tests/support/test_error_messages.py",
        f"{_QUEUE}::test_a_bug_is_logged_and_said_plainly",
    ),
    "S11": (
        "tests/test_supply_chain.py::test_a_vulnerability_that_an_update_mends_fails_the_check",
    ),
}
