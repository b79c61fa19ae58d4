"""What a job would do, cost and take, before anything runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Count, QuerySet

from enrichment import estimate, load, weekly
from enrichment.admission import Verdict
from enrichment.estimate import Observed, Range
from enrichment.jobs import NothingToEnrich, NotReady, Options
from enrichment.models import Change, Item, Job, Release, ReleaseRow, Title
from enrichment.pace import Pace, pace
from enrichment.prompts import Prompt, render
from enrichment.selection import offers, selected
from enrichment.states import OUTSTANDING, State
from mangaassist import claude
from mangaassist.tokens import estimate_prompt

if TYPE_CHECKING:
    from django.contrib.auth.models import User

SHOWN = 3  # prompts
SAMPLED = 200  # prompts whose tokens are counted
OBSERVED_JOBS, OBSERVED_ITEMS = 20, 500  # the last ones with the same options


@dataclass(frozen=True)
class Sample:
    """The prompt of one row, exactly as the model would get it."""

    row: ReleaseRow
    prompt: Prompt


@dataclass(frozen=True)
class Ends:
    """Seconds until a job has ended: if all other jobs wait, and if this one does."""

    first: float
    last: float


@dataclass(frozen=True)
class Preview:
    """titles: of how many texts would be written; offers: how many would besides be brought up to
    date without a call; changes: good rows by what they change; chosen: those to write about;
    tokens and cost (USD) of the whole job; budget (USD): what it shall cost at most; observed:
    earlier items that the estimate rests on; starts_in: seconds; it and ends_in are None when
    nobody knows."""

    changes: dict[str, int]
    titles: int
    offers: int
    samples: list[Sample]
    input_tokens: Range
    output_tokens: Range
    cost: Range
    observed: int
    pace: Pace
    starts_in: float | None
    ends_in: Ends | None
    verdict: Verdict
    next_weekly_run: datetime
    chosen: Sequence[str] = ()
    budget: Decimal | None = None

    @property
    def fit(self) -> estimate.Fit | None:
        """Whether the budget is enough; None without one."""
        return None if self.budget is None else estimate.fit(self.cost, self.budget)

    @property
    def affordable(self) -> int:
        """About how many titles the budget pays for, all of them without one."""
        if self.budget is None or self.cost.expected <= self.budget:
            return self.titles
        return int(self.titles * float(self.budget) / self.cost.expected)

    def cost_of(self, change: Change) -> float:
        """USD that the texts of all rows with a change are expected to cost, as far as known."""
        return self.cost.expected / self.titles * self.changes[change] if self.titles else 0.0


def preview(release: Release, options: Options, user: User | None) -> Preview:
    """Raises NotReady, and NothingToEnrich when the job would have no title."""
    if release.state != Release.State.READY:
        raise NotReady
    samples = _samples(_spread(selected(release, options.changes)), options)
    free = offers(release, options.changes).count()
    if not samples and not free:
        raise NothingToEnrich(release)
    titles = selected(release, options.changes).count()
    observed = _observed(options)
    inputs, outputs = _tokens(samples, observed, titles)
    verdict = load.verdict(titles + free, user, unattended=True)
    now = pace()
    return Preview(
        changes=changes(release),
        titles=titles,
        offers=free,
        samples=samples[:: -(-len(samples) // SHOWN) or 1],
        input_tokens=inputs,
        output_tokens=outputs,
        cost=estimate.cost(claude.find(settings.ENRICHMENT_MODEL), inputs, outputs),
        observed=len(observed.calls) if observed.enough else 0,
        pace=now,
        starts_in=now.seconds(Item.objects.filter(state__in=OUTSTANDING).count()),
        ends_in=_ends_in(now, titles, verdict.pending),
        verdict=verdict,
        next_weekly_run=weekly.next_run(),
        chosen=options.changes,
        budget=options.budget,
    )


def changes(release: Release) -> dict[str, int]:
    """Good rows by what they would do to the titles that were there when the file was read."""
    found = dict(release.rows.values_list("change").annotate(Count("pk")).order_by())
    return {change.value: found.get(change, 0) for change in Change}


def _samples(rows: Sequence[ReleaseRow], options: Options) -> list[Sample]:
    known = Title.objects.in_bulk([row.title_id for row in rows])
    titles = [row.title(known.get(row.title_id)) for row in rows]
    prompts = [render(title, options.kinds, options.languages) for title in titles]
    return [Sample(row, prompt) for row, prompt in zip(rows, prompts, strict=True)]


def _spread(rows: QuerySet[ReleaseRow]) -> list[ReleaseRow]:
    """Rows from all over the file, so that a sorted one is not judged by its beginning."""
    ids = list(rows.order_by("number").values_list("pk", flat=True))
    step = -(-len(ids) // SAMPLED) or 1
    return list(ReleaseRow.objects.filter(pk__in=ids[::step]).order_by("number"))


def _tokens(samples: Sequence[Sample], observed: Observed, titles: int) -> tuple[Range, Range]:
    """Input and output tokens of so many titles like the samples."""
    if not samples:
        return Range(0, 0, 0), Range(0, 0, 0)
    calls = estimate.calls_per_item(observed)
    read = [estimate_prompt(one.prompt.system, one.prompt.messages) for one in samples]
    most = samples[0].prompt.max_tokens
    inputs = estimate.input_tokens(read, calls)
    return inputs.times(titles), estimate.output_tokens(observed, most, calls).times(titles)


def _observed(options: Options) -> Observed:
    jobs = Job.objects.filter(
        kinds=sorted(options.kinds),
        languages=sorted(options.languages),
        model=settings.ENRICHMENT_MODEL,
    )
    recent = list(jobs.order_by("-pk").values_list("pk", flat=True)[:OBSERVED_JOBS])
    done = Item.objects.filter(job__in=recent, state=State.DONE, calls__gt=0).order_by("-pk")
    rows = list(done.values_list("output_tokens", "calls")[:OBSERVED_ITEMS])
    return Observed([tokens for tokens, _ in rows], [calls for _, calls in rows])


def _ends_in(now: Pace, titles: int, pending: int) -> Ends | None:
    alone, last = now.seconds(titles), now.seconds(titles + pending)
    return None if alone is None or last is None else Ends(alone, last)
