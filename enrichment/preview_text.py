"""A preview as a person reads it in a terminal. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from enrichment.changes import Change
from enrichment.estimate import Fit, Range
from enrichment.preview import Preview
from mangaassist.language import Language

FITS = {
    Fit.SURELY: "is enough",
    Fit.PROBABLY: "is enough if it goes as expected; else the job pauses on the way",
    Fit.NOT: "is not enough: the job pauses after about {titles:,} titles",
}


def lines(preview: Preview) -> Iterator[str]:
    """What the job would do, cost and take, one fact a line."""
    changes = ", ".join(f"{count:,} {change}" for change, count in preview.changes.items())
    yield f"Titles: {preview.titles:,} of these rows: {changes}"
    if preview.offers:
        yield f"Only shop data changed: {preview.offers:,}, brought up to date at no cost"
    for change in (Change.NEW, Change.CHANGED, Change.UNCHANGED):
        if preview.changes[change] and change not in preview.chosen:
            more = f"${preview.cost_of(change):.2f} more to write anew"
            yield f"Left as they are: {preview.changes[change]:,} {change}, {more}"
    for sample in preview.samples[:1]:
        yield f"Prompt of row {sample.row.number}: {sample.prompt.user}"
    basis = (
        f"from {preview.observed} earlier answers" if preview.observed else "nothing measured yet"
    )
    yield f"Tokens read: {_amounts(preview.input_tokens)}"
    yield f"Tokens written: {_amounts(preview.output_tokens)} ({basis})"
    cost = preview.cost
    yield f"Cost: ${cost.expected:.2f} expected, ${cost.low:.2f} to ${cost.high:.2f}"
    if preview.budget is not None and preview.fit is not None:
        yield f"Budget: ${preview.budget:.2f} {FITS[preview.fit].format(titles=preview.affordable)}"
    yield f"Time: {_time(preview)}"
    yield f"With --weekly: starts {preview.next_weekly_run:%Y-%m-%d %H:%M %Z}"
    verdict = preview.verdict
    yield "Admission: taken" if verdict.accepted else f"Admission: {verdict.text(Language.EN)}"


def _amounts(found: Range) -> str:
    return f"{found.expected:,.0f} expected, {found.low:,.0f} to {found.high:,.0f}"


def _time(preview: Preview) -> str:
    ends = preview.ends_in
    if ends is None or preview.starts_in is None:
        return "unknown until some items have ended"
    return (
        f"starts in {_duration(preview.starts_in)}, ends in {_duration(ends.first)}"
        f" to {_duration(ends.last)} at {60 * preview.pace.rate:,.0f} titles a minute"
    )


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5_400 else f"{seconds / 3_600:.1f} h"
