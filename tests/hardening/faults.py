"""The faults by number: what is done to the program, and the tests that hold what must come of it.

A fault is a row here and its test wherever that belongs; ``python -m tests.hardening`` runs them
all and prints the table. CI runs them with everything else.
"""

from __future__ import annotations

from dataclasses import dataclass

_WINDOW = "tests/gui/window"
_FILE = "tests/document/file"
_HERE = "tests/hardening"
_KILL = f"{_WINDOW}/test_kill.py"
_SESSION = "tests/training/test_session.py"


@dataclass(frozen=True)
class Fault:
    number: int
    name: str
    tests: tuple[str, ...]
    """As pytest calls them: file::function."""


_ROWS = (
    (
        "kill −9 at each step of a save",
        f"{_KILL}::test_killed_while_it_saves_the_file_is_the_old_or_the_new_one",
    ),
    (
        "kill −9 at any moment",
        f"{_HERE}/test_faults.py::test_killed_at_any_moment_the_file_is_whole",
    ),
    (
        "kill −9 while it trains",
        f"{_KILL}::test_killed_while_it_trains_the_work_is_offered_once_and_recovered",
    ),
    ("SIGTERM, SIGHUP, SIGINT", f"{_KILL}::test_a_signal_ends_the_window_and_keeps_the_work"),
    ("the screen is removed", f"{_KILL}::test_a_screen_that_is_taken_away_loses_nothing"),
    (
        "the disk is full at any byte",
        f"{_HERE}/test_faults.py::test_a_disk_that_is_full_at_any_byte",
    ),
    (
        "the disk is full in the window",
        f"{_WINDOW}/test_refused.py::test_a_disk_that_takes_nothing",
    ),
    ("a really full disk", "tests/test_files.py::test_a_really_full_disk"),
    ("output to a full device", f"{_HERE}/test_files.py::test_a_full_device_is_told_in_one_line"),
    (
        "any step of writing fails",
        "tests/test_files.py::test_whatever_step_fails_the_old_file_stays",
    ),
    (
        "a write-protected file",
        "tests/test_files.py::test_a_write_protected_file_is_not_gone_over",
    ),
    (
        "the file has vanished",
        f"{_HERE}/test_faults.py::"
        "test_a_file_that_has_vanished_is_written_anew_and_a_folder_is_asked_for",
    ),
    (
        "another program changes the file",
        f"{_WINDOW}/test_saving.py::test_what_another_program_has_written_stays_unless_it_is_said",
    ),
    (
        "two windows on one file",
        f"{_WINDOW}/test_saving.py::test_a_file_that_is_open_in_one_window_is_read_only_in_a_second",
    ),
    (
        "a command trains the open file",
        f"{_WINDOW}/test_saving.py::test_a_file_that_a_command_trains_is_read_only",
    ),
    (
        "the lock of a dead process",
        f"{_FILE}/test_lock.py::test_the_lock_of_a_killed_process_is_taken_over",
    ),
    (
        "temporary files of dead processes",
        "tests/test_files.py::test_temporary_files_of_dead_processes_are_removed",
    ),
    ("a project cut off", f"{_FILE}/test_storage.py::test_a_truncated_file"),
    ("a project that is something else", f"{_FILE}/test_storage.py::test_a_foreign_file"),
    (
        "any byte of a project wrong",
        f"{_FILE}/test_storage.py::test_any_damage_gives_a_sentence_or_a_sound_project",
    ),
    (
        "a project of a newer version",
        f"{_FILE}/test_storage.py::test_a_newer_file_is_refused_by_name",
    ),
    (
        "a project that unpacks to 1000 times its size",
        f"{_HERE}/test_files.py::test_a_project_that_unpacks_to_a_thousand_times_its_size",
    ),
    (
        "more layers and wires than anybody draws",
        f"{_HERE}/test_files.py::test_more_layers_and_wires_than_anybody_draws",
    ),
    (
        "arrays that claim what cannot be",
        f"{_HERE}/test_files.py::test_an_array_larger_than_any_computer",
        f"{_HERE}/test_files.py::test_text_beyond_all_alphabets",
        f"{_HERE}/test_files.py::test_a_table_of_nothing_in_a_project",
    ),
    (
        "names that command, look like HTML, or are no text",
        f"{_HERE}/test_names.py::test_no_command_tells_a_terminal_what_to_do",
        f"{_HERE}/test_names.py::test_names_that_are_no_text_are_read_and_written",
        f"{_WINDOW}/test_html.py::test_names_in_the_window",
    ),
    (
        "names of thousands of characters",
        f"{_HERE}/test_files.py::test_a_name_of_thousands_of_characters",
    ),
    (
        "less memory than a file needs",
        "tests/test_machine.py::test_what_is_too_large_is_refused_before_it_is_read",
    ),
    (
        "a network beyond all memory",
        f"{_WINDOW}/test_faults.py::"
        "test_a_network_beyond_all_memory_is_refused_before_anything_is_allocated",
    ),
    (
        "no memory, BLAS failing, anything in the worker",
        f"{_SESSION}::test_whatever_fails_in_the_worker_is_told_and_it_goes_on",
    ),
    (
        "telling of an error fails too",
        f"{_SESSION}::test_where_telling_of_an_error_fails_too_the_session_says_so_and_goes_on",
    ),
    ("NaN and infinity in the data", "tests/data/test_npz_file.py::test_infinite"),
    (
        "a run that diverges",
        f"{_WINDOW}/test_faults.py::"
        "test_divergence_stops_at_the_last_finite_state_and_says_what_to_try",
    ),
    (
        "wrong bytes in the settings",
        f"{_WINDOW}/test_remembered.py::test_a_window_opens_whatever_byte_of_its_docks_is_wrong",
        f"{_WINDOW}/test_remembered.py::test_settings_that_cannot_be_read_are_put_aside",
    ),
    (
        "a start that did not finish",
        f"{_WINDOW}/test_remembered.py::test_a_start_that_did_not_end_forgets_where_the_docks_were",
    ),
    (
        "an icon is missing",
        "tests/gui/theme/test_icons.py::test_an_icon_that_is_not_there_is_a_placeholder_and_a_warning",
    ),
    ("a clock that runs backwards", f"{_HERE}/test_faults.py::test_a_clock_that_runs_backwards"),
    (
        "the document changes during a gesture",
        "tests/gui/canvas/test_gestures.py::test_a_gesture_ends_when_the_document_changes_under_it",
        f"{_WINDOW}/test_faults.py::test_undo_and_delete_in_the_middle_of_a_drag",
    ),
    (
        "what was kept for recovery is damaged",
        f"{_WINDOW}/test_keeper.py::test_damaged_work_is_set_aside_with_a_sentence",
    ),
)
FAULTS = tuple(Fault(number, name, tuple(tests)) for number, (name, *tests) in enumerate(_ROWS, 1))
