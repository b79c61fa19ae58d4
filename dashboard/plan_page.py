"""What a job of a release would do, cost and take, in words."""

from __future__ import annotations

from typing import Any

from django.db.models.functions import Now
from django.http import QueryDict
from django.utils import timezone

from dashboard.texts import in_
from dashboard.times import spell
from dashboard.upload_texts import CHANGES, FITS, KINDS, LANGUAGES, WORDS
from enrichment import budget, samples
from enrichment.estimate import Range
from enrichment.jobs import Options
from enrichment.kinds import Kind
from enrichment.models import Change, Release
from enrichment.preview import Preview
from enrichment.sample import Sample
from enrichment.sampling import PATIENCE
from mangaassist.language import Language

CHOICES = ("kinds", "languages", "changes")
WRITTEN = (Change.OFFER, Change.UNCHANGED)  # rows whose titles have a text that fits them


class Unasked(ValueError):
    """What is asked for is not complete. problem: what to do, as a name of WORDS."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


def is_asked(asked: QueryDict) -> bool:
    """Whether somebody has chosen; else they come from the check of the file."""
    return any(name in asked for name in ("asked", *CHOICES))


def options(asked: QueryDict) -> Options:
    """What a form asks for; without one, what most people want. Raises Unasked or ValueError."""
    if not is_asked(asked):
        return Options()
    try:
        limit = budget.parse(asked.get("budget", ""))
    except ValueError as error:
        raise Unasked("no_amount") from error
    chosen = {name: list(dict.fromkeys(asked.getlist(name))) for name in CHOICES}
    if not all(chosen.values()):
        raise Unasked("choose_one")
    return Options(
        [Kind(kind) for kind in chosen["kinds"]],
        [Language(language) for language in chosen["languages"]],
        [Change(change).value for change in chosen["changes"]],
        limit,
    )


def query(wish: Options) -> str:
    """The same as the query of an address."""
    asked = QueryDict(mutable=True)
    for name, values in zip(CHOICES, (wish.kinds, wish.languages, wish.changes), strict=True):
        asked.setlist(name, [str(value) for value in values])
    if wish.budget is not None:
        asked["budget"] = str(wish.budget)
    return asked.urlencode()


def choices(
    wish: Options, counts: dict[str, int], found: Preview | None, language: Language
) -> list[dict[str, Any]]:
    """The boxes of the form; those of the rows with how many there are and what they cost."""
    of_changes = [
        (change.value, f"{in_(language, text)} ({_rows(change, counts, found, language)})",
         change in wish.changes)
        for change, text in CHANGES.items()
    ]  # fmt: skip
    return [
        {"name": "kinds", "legend": in_(language, WORDS["write_what"]), "boxes": [
            (kind.value, in_(language, text), kind in wish.kinds) for kind, text in KINDS.items()
        ]},
        {"name": "languages", "legend": in_(language, WORDS["in_languages"]), "boxes": [
            (one.value, in_(language, text), one in wish.languages)
            for one, text in LANGUAGES.items()
        ]},
        {"name": "changes", "legend": in_(language, WORDS["about_rows"]), "boxes": of_changes},
    ]  # fmt: skip


def estimate(found: Preview, language: Language) -> list[tuple[str, str]]:
    """The facts of a preview, each with its name."""
    observed = WORDS["observed"].text(language, {"count": found.observed})
    verdict = found.verdict
    free = WORDS["at_no_cost"].text(language, {"count": f"{found.offers:,}"})
    return [
        (in_(language, WORDS["titles"]), f"{found.titles:,}"),
        *([(in_(language, WORDS["offers"]), free)] if found.offers else []),
        (in_(language, WORDS["cost"]), _range(found.cost, language)),
        *_budget(found, language),
        (in_(language, WORDS["time"]), _time(found, language)),
        (in_(language, WORDS["basis"]),
         observed if found.observed else in_(language, WORDS["unobserved"])),
        (in_(language, WORDS["admission"]),
         in_(language, WORDS["taken"]) if verdict.accepted else verdict.text(language.value)),
    ]  # fmt: skip


def drawn_samples(release: Release, wish: Options, language: Language) -> list[dict[str, Any]]:
    """Each sampled title with its texts, or with what it waits for."""
    lost = Sample.objects.filter(created_at__lt=Now() - PATIENCE).values_list("pk", flat=True)
    found = samples.newest(release, wish)
    old = set(lost.filter(pk__in=[sample.pk for sample in found]))
    return [
        {
            "sample": sample,
            "texts": _texts(sample, language),
            "told": _told(sample, sample.pk in old, language),
        }
        for sample in found
    ]


def _rows(change: Change, counts: dict[str, int], found: Preview | None, language: Language) -> str:
    """How many rows, and what their texts cost where that is known."""
    count, cost = f"{counts[change]:,}", found.cost_of(change) if found else 0.0
    if not cost:
        return count
    about = WORDS["about_anew" if change in WRITTEN else "about"]
    return f"{count} · {about.text(language, {'usd': f'${cost:,.2f}'})}"


def _texts(sample: Sample, language: Language) -> list[tuple[str, str, str]]:
    return [
        (in_(language, KINDS[Kind(kind)]), tongue,
         value if isinstance(value, str) else "、".join(value))
        for kind, texts in (sample.results or {}).items()
        for tongue, value in texts.items()
    ]  # fmt: skip


def _told(sample: Sample, old: bool, language: Language) -> str:
    if sample.state == Sample.State.DONE:
        return ""
    if sample.state == Sample.State.FAILED:
        return sample.message
    return in_(language, WORDS["lost" if old else "waits"])


def _budget(found: Preview, language: Language) -> list[tuple[str, str]]:
    if found.budget is None or found.fit is None:
        return []
    told = FITS[found.fit].text(language, {"titles": f"{found.affordable:,}"})
    return [(in_(language, WORDS["budget"]), f"${found.budget:,.2f} · {told}")]


def _range(usd: Range, language: Language) -> str:
    parts = {name: f"${getattr(usd, name):,.2f}" for name in ("expected", "low", "high")}
    return WORDS["range"].text(language, parts)


def _time(found: Preview, language: Language) -> str:
    if found.ends_in is None:
        return in_(language, WORDS["unknown_time"])
    first, last = (spell(one, language) for one in (found.ends_in.first, found.ends_in.last))
    return first if first == last else WORDS["time_range"].text(
        language, {"first": first, "last": last}
    )  # fmt: skip


def weekly_at(found: Preview) -> str:
    return f"{timezone.localtime(found.next_weekly_run):%m-%d %H:%M}"
