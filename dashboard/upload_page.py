"""What an uploaded file holds, for the page that checks it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.db.models import QuerySet

from dashboard.texts import in_, words
from dashboard.upload_texts import CHANGES, COLUMN_NAMES, STATES, WORDS
from enrichment import bad_rows
from enrichment.export import BOM, csv_text
from enrichment.models import Change, Release, RowError
from enrichment.obstacles import reading_obstacles
from enrichment.preview import changes
from enrichment.uploads.rows import COLUMNS
from mangaassist.language import Language

FIRST = 5  # good rows that are shown
CHUNK = 1_000  # errors of one piece of the file of them
NUMBERS = 20  # of the rows of one group of errors
REMEMBERED = 50  # files of a user, among which one with the same headers is looked for
SHOWN = ("id", "titleJp", "titleKana", "creator", "firstPublished", "note")


def facts(release: Release, language: Language, may_go_on: bool) -> dict[str, Any]:
    """Everything that the part of the page shows that changes while a file is read."""
    found = changes(release)
    return {
        "words": words(language, WORDS),
        "release": release,
        "kept": may_go_on and kept(release),
        "may_go_on": may_go_on,
        "state": in_(language, STATES[Release.State(release.state)]),
        "go_on": WORDS["go_on"].text(language, {"count": f"{release.good_rows:,}"}),
        "reason": release.text(language) if release.code else "",
        "obstacles": reading_obstacles(release, language),
        "columns": list(release.columns.items()),
        "changes": [(in_(language, CHANGES[change]), found[change.value]) for change in Change],
        "groups": [
            (group, group.headline(language), group.count > len(group.rows))
            for group in bad_rows.groups(release, NUMBERS)
        ],
        "shown": [in_(language, COLUMN_NAMES[name]) for name in SHOWN],
        "first_rows": [
            (row.number, [row.title_id if name == "id" else getattr(row, COLUMNS[name]) or ""
                          for name in SHOWN])
            for row in release.rows.order_by("number")[:FIRST]
        ],
    }  # fmt: skip


def kept(release: Release) -> bool:
    """Whether the file can be read again with other columns."""
    return release.state == Release.State.REFUSED and release.parts.exists()


def headers(release: Release) -> list[str]:
    """The headers of the file, as far as its reading has told them."""
    told = str(release.parameters.get("found", ""))
    found = [header for header in told.split(", ") if header and header != "–"]
    return [*found, *release.columns.values(), *release.ignored_columns]


def remembered(release: Release, user: User) -> Release | None:
    """The user's last file that was read with columns of their own which this one has too."""
    present = set(headers(release))
    mine = Release.objects.filter(created_by=user, state=Release.State.READY).exclude(mapping={})
    for earlier in mine.order_by("-pk")[:REMEMBERED]:
        if present.issuperset(earlier.mapping.values()):
            return earlier
    return None


async def error_lines(release: Release, language: Language) -> AsyncIterator[str]:
    """All that is wrong, as CSV that Excel opens: row, column, and what to do."""
    yield BOM + csv_text([[in_(language, WORDS[name]) for name in ("line", "columns", "problem")]])
    left = release.errors.order_by("pk")
    while chunk := await sync_to_async(_first)(left):
        yield csv_text(_error_line(error, release, language) for error in chunk)
        left = left.filter(pk__gt=chunk[-1].pk)


def _first(errors: QuerySet[RowError]) -> list[RowError]:
    return list(errors[:CHUNK])


def _error_line(error: RowError, release: Release, language: Language) -> list[str]:
    column = release.columns.get(error.field, error.field)
    return [str(error.number), column, error.text(language.value)]
