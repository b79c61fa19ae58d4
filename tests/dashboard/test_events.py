"""An event brings a page from what it shows to what is true now, in as few bytes as that needs."""

from __future__ import annotations

import json

from dashboard.events import Event, event

AT, JOBS = '<p class="as-of" data-part="at">{}</p>\n', '<section data-part="jobs">{}</section>'


def html(at: str, jobs: str) -> str:
    return AT.format(at) + JOBS.format(jobs)


def told(found: Event, seen: int) -> str:
    fields = dict(line.split(": ", 1) for line in found.after(seen).decode().strip().split("\n"))
    assert fields["id"] == str(found.number)
    assert fields["event"] == "snapshot"
    return str(json.loads(fields["data"])["html"])


def test_whoever_has_seen_the_number_before_gets_the_changed_parts_alone() -> None:
    first = event(1, html("10:00", "none"), None)
    second = event(2, html("10:01", "none"), first)
    assert told(second, 1) == AT.format("10:01")


def test_whoever_has_missed_one_gets_all() -> None:
    first = event(1, html("10:00", "none"), None)
    third = event(3, html("10:02", "one"), event(2, html("10:01", "one"), first))
    assert told(third, 1) == html("10:02", "one")
    assert told(third, 0) == html("10:02", "one")


def test_the_first_event_of_a_board_holds_all_of_it() -> None:
    assert told(event(7, html("10:00", "none"), None), 6) == html("10:00", "none")


def test_what_somebody_has_written_is_never_taken_for_a_part() -> None:
    name = "&lt;p data-part=&quot;at&quot;&gt;"
    assert event(1, html("10:00", name), None).parts == ["", AT.format("10:00"), JOBS.format(name)]
