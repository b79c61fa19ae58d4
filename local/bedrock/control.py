"""The control endpoints under /_sim/: HANDLERS names them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from local.bedrock import faults, latency
from local.bedrock.guardrails import Guardrail
from local.bedrock.quota import MINUTE, limited
from local.bedrock.reply import Size
from local.bedrock.simulator import Simulator

Handler = Callable[[Simulator, Any], dict[str, Any]]


def health(simulator: Simulator, settings: Any) -> dict[str, Any]:
    return {"status": "ok"}


def stats(simulator: Simulator, settings: Any) -> dict[str, Any]:
    return simulator.stats.snapshot()


def set_latency(simulator: Simulator, settings: Any) -> dict[str, Any]:
    """Takes a distribution, for all models or the one that "model" names."""
    shape = dict(settings)
    model_id = shape.pop("model", None)
    simulator.latency.set(latency.parse(shape), model_id)
    return {}


def set_size(simulator: Simulator, settings: Any) -> dict[str, Any]:
    """Takes {"tokens", "per_event"}: of chat answers, and of each event of a stream."""
    size = Size(**settings)
    if size.per_event < 1 or (size.tokens is not None and size.tokens < 1):
        raise ValueError("a size is at least 1")
    simulator.size = size
    return {}


def set_quota(simulator: Simulator, settings: Any) -> dict[str, Any]:
    """Takes {"requests_per_minute", "tokens_per_minute"}; null or absent has no limit.

    "burst" is how many seconds of them may be used at once, a minute's by default.
    """
    simulator.quota = limited(
        settings.get("requests_per_minute"),
        settings.get("tokens_per_minute"),
        time.monotonic(),
        float(settings.get("burst", MINUTE)),
    )
    return {}


def set_faults(simulator: Simulator, settings: Any) -> dict[str, Any]:
    """Takes a list of rules, which replace those in force."""
    simulator.faults.set([faults.parse(rule) for rule in settings])
    return {}


def clear_faults(simulator: Simulator, settings: Any) -> dict[str, Any]:
    simulator.faults.set([])
    return {}


def add_guardrail(simulator: Simulator, settings: Any) -> dict[str, Any]:
    """Takes {"id", "version", "denied": [words], "blocked": text, "after": tokens}."""
    guardrail = Guardrail(
        str(settings["id"]), str(settings["version"]), list(settings["denied"]),
        str(settings["blocked"]), int(settings.get("after", 0)),
    )  # fmt: skip
    simulator.guardrails.add(guardrail)
    return {}


def set_models(simulator: Simulator, settings: Any) -> dict[str, Any]:
    """Takes {"ended": [model ids]}; an empty list makes every model selectable."""
    simulator.catalogue.end(settings["ended"])
    return {}


def reset(simulator: Simulator, settings: Any) -> dict[str, Any]:
    simulator.reset()
    return {}


HANDLERS: dict[tuple[str, str], Handler] = {
    ("GET", "/_sim/health"): health,
    ("GET", "/_sim/stats"): stats,
    ("POST", "/_sim/latency"): set_latency,
    ("POST", "/_sim/size"): set_size,
    ("POST", "/_sim/quota"): set_quota,
    ("POST", "/_sim/faults"): set_faults,
    ("POST", "/_sim/guardrails"): add_guardrail,
    ("DELETE", "/_sim/faults"): clear_faults,
    ("POST", "/_sim/models"): set_models,
    ("POST", "/_sim/reset"): reset,
}
