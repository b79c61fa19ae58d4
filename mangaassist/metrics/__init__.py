"""Everything that is measured, by the names that CloudWatch, Prometheus and alarms use.

One call style: `metrics.BEDROCK_THROTTLES.record(ModelId=model, Pool=pool)`.
"""

from mangaassist.metrics.registry import Kind, Metric

NAMESPACE = "MangaAssist"
COUNT, MILLISECONDS, SECONDS, NONE = "Count", "Milliseconds", "Seconds", "None"
DEFINED: dict[str, Metric] = {}


Sums = tuple[tuple[str, ...], ...]
ALL: Sums = ((),)  # over all dimensions
BY_MODEL: Sums = (("ModelId",),)


def _define(
    kind: Kind, name: str, unit: str, help: str, dimensions: tuple[str, ...], sums: Sums
) -> Metric:
    DEFINED[name] = Metric(name, kind, unit, help, dimensions, sums)
    return DEFINED[name]


def _counter(name: str, help: str, *dimensions: str, unit: str = COUNT, sums: Sums = ()) -> Metric:
    return _define(Kind.COUNTER, name, unit, help, dimensions, sums)


def _gauge(name: str, help: str, *dimensions: str, unit: str = COUNT, sums: Sums = ()) -> Metric:
    return _define(Kind.GAUGE, name, unit, help, dimensions, sums)


def _distribution(name: str, unit: str, help: str, *dimensions: str, sums: Sums = ()) -> Metric:
    return _define(Kind.DISTRIBUTION, name, unit, help, dimensions, sums)


# The web
HTTP_REQUESTS = _counter("HttpRequests", "Requests answered.", "Service", "Route", sums=ALL)
HTTP_5XX = _counter(
    "Http5xx", "Requests answered with a server's error.", "Service", "Route", sums=ALL
)
HTTP_LATENCY = _distribution("HttpLatency", MILLISECONDS, "Time to the answer.", "Service", "Route")
REQUESTS_BY_LANGUAGE = _counter(
    "RequestsByLanguage",
    "Requests and messages that can be refused.",
    "preferredLanguage",
    sums=ALL,
)
HTTP_400 = _counter(
    "Http400",
    "Refused requests and messages.",
    "preferredLanguage",
    "Reason",
    sums=(("preferredLanguage",), ()),
)

# Bedrock
INVOCATION_LATENCY = _distribution(
    "InvocationLatency",
    MILLISECONDS,
    "Time from a call to its whole answer.",
    "ModelId",
    "Pool",
    sums=BY_MODEL,
)
TIME_TO_FIRST_TOKEN = _distribution(
    "TimeToFirstToken",
    MILLISECONDS,
    "Time from a streamed call to its first words.",
    "ModelId",
    "Pool",
    sums=BY_MODEL,
)
CONTEXT_TOKENS = _distribution(
    "ContextTokens", COUNT, "Tokens of a prompt.", "ModelId", "Pool", sums=BY_MODEL
)
INPUT_TOKENS = _counter("InputTokens", "Tokens that a model read.", "ModelId", "Pool")
OUTPUT_TOKENS = _counter("OutputTokens", "Tokens that a model wrote.", "ModelId", "Pool")
COST_USD = _counter("CostUSD", "What calls cost, in USD.", "ModelId", "Pool", unit=NONE, sums=ALL)
BEDROCK_CALLS = _counter("BedrockCalls", "Calls of a model.", "ModelId", "Pool", sums=BY_MODEL)
BEDROCK_THROTTLES = _counter(
    "BedrockThrottles", "Calls that Bedrock throttled.", "ModelId", "Pool", sums=BY_MODEL
)
BEDROCK_ERRORS = _counter(
    "BedrockErrors", "Calls that failed.", "ModelId", "Pool", "Code", sums=BY_MODEL
)

GUARDRAIL_ERRORS = _counter(
    "GuardrailErrors",
    "Times that the guardrail could not look because of its settings or rights.",
    "Code",
    sums=ALL,
)

# The chat
WS_ANSWERS = _counter("WsAnswers", "Messages that got their final frame.", "State", sums=ALL)
WS_FIRST_WORD = _distribution(
    "WsFirstWord", MILLISECONDS, "Time from a message to the first words of its answer."
)
WS_DEFERRED = _counter("WsDeferred", "Messages whose answer comes later.")
WS_LATE_ANSWERS = _counter("WsLateAnswers", "Answers that came later.", "State", sums=ALL)
WS_WITHDRAWN = _counter("WsWithdrawn", "Answers that a review withdrew.", "Reason", sums=ALL)
WS_NOT_HANDED_OVER = _counter(
    "WsNotHandedOver",
    "Work on answers that a web process could not send.",
    "Task",
    "Code",
    sums=ALL,
)
WS_NOT_ANNOUNCED = _counter("WsNotAnnounced", "Frames of workers that Redis did not take.", "Kind")
WS_OVERDUE = _counter("WsOverdue", "Overdue answers and reviews that a keeper found.", "Kind")
CHAT_FALLBACKS = _counter(
    "ChatFallbacks", "Tries of an answer that did not become one.", "ModelId", "Code", sums=ALL
)
CHAT_REPLY_TIME = _distribution(
    "ChatReplyTime", MILLISECONDS, "Time from a message to the end of its answer."
)
CHAT_FEEDBACK = _counter("ChatFeedback", "What shoppers thought of answers.", "Value")
CHAT_LOOK_UPS = _counter("ChatLookUps", "Messages in which titles were looked for.", "Result")
CHAT_SAVE_FAILURES = _counter("ChatSaveFailures", "Answers that were not saved.", "Code", sums=ALL)
RETRIEVAL_FAILURES = _counter(
    "RetrievalFailures", "Look-ups that did not end in time.", "Code", sums=ALL
)
TOKEN_BUDGET_TRUNCATIONS = _counter(
    "TokenBudgetTruncations",
    "Prompts in which titles or history gave way to the budget of tokens.",
    "Part",
    sums=ALL,
)
ANSWERS_CHANGED = _counter(
    "AnswersChanged", "What was taken out of answers before they were shown.", "Reason", sums=ALL
)

# The limiter
LIMITER_WAIT = _distribution(
    "LimiterWait", MILLISECONDS, "Time until the limiter let a call through.", "ModelId", "Pool"
)
LIMITER_REFUSALS = _counter(
    "LimiterRefusals", "Calls that the limiter did not let through in time.", "ModelId", "Pool"
)
LIMITER_FACTOR = _gauge(
    "LimiterFactor", "Share of the configured quota that the limiter uses.", "ModelId", unit=NONE
)
LIMITER_DEGRADED = _gauge(
    "LimiterDegraded", "1 where a process limits by itself, without Redis.", "Worker", sums=ALL
)

# Queues, pools and work
QUEUE_VISIBLE = _gauge("QueueVisible", "Messages that wait.", "Queue")
QUEUE_IN_FLIGHT = _gauge("QueueInFlight", "Messages that a worker has.", "Queue")
OLDEST_MESSAGE_AGE = _gauge(
    "OldestMessageAge", "Age of the message that has waited longest.", "Queue", unit=SECONDS
)
MESSAGE_AGE = _distribution(
    "MessageAge", SECONDS, "Time from the send of a message until a worker takes it.", "Queue"
)
DLQ_DEPTH = _gauge("DlqDepth", "Dead letters.", "Queue")
PENDING = _gauge("Pending", "Items that wait in the database.", "Pool")
OUTSTANDING = _gauge("Outstanding", "Items that are queued or running.", "Pool")
WINDOW = _gauge("Window", "Items that may be outstanding.", "Pool")
OLDEST_PENDING_AGE = _gauge(
    "OldestPendingAge", "How long the oldest due item has waited.", "Pool", unit=SECONDS
)
BACKLOG = _gauge("Backlog", "Pieces of work that wait or run.", "Pool")
TASK_DURATION = _distribution("TaskDuration", MILLISECONDS, "Time that a task took.", "Pool")
TASK_FAILURES = _counter("TaskFailures", "Deliveries that failed.", "Pool", "Code")
CONCURRENCY_IN_USE = _gauge("ConcurrencyInUse", "Permits that are in use.", "Pool")
CONCURRENCY_RESERVED = _gauge("ConcurrencyReserved", "Permits that a pool has.", "Pool")
WORKERS = _gauge("Workers", "Living worker processes.", "Pool")
WORKERS_WANTED = _gauge("WorkersWanted", "Workers that the autoscaler asks for.", "Pool")
POOL_BLOCKED = _gauge("PoolBlocked", "1 while a misconfiguration blocks a pool.", "Pool")
SNOOZES = _counter("SnoozeCount", "Waits that used no try.", "Pool", "Code", sums=(("Pool",),))
LEASES_EXPIRED = _counter("LeaseExpired", "Queued items whose message was lost.", "Pool")
CRASHES_RECOVERED = _counter(
    "CrashRecovered", "Running items taken back from dead workers.", "Pool"
)
QUARANTINES = _counter("Quarantined", "Items that killed their workers.", "Pool")
DUPLICATES = _counter("DuplicateDelivery", "Deliveries that came late or twice.", "Pool")
DISCREPANCIES = _counter(
    "Discrepancies",
    "Items that did not agree with the queue or the catalogue.",
    "Discrepancy",
    sums=ALL,
)
JOBS_STUCK = _gauge("JobStuck", "Open jobs without any progress for ten minutes.")
BROKER_ERRORS = _counter("BrokerReceiveErrors", "Receives that SQS refused.", "Pool")
BROKER_LAST_OK_AGE = _gauge(
    "BrokerLastOkAge",
    "Time since the last good receive, of the worst worker.",
    "Pool",
    unit=SECONDS,
)
KEEPERS = _gauge("Keepers", "Living keepers.")
DUTY_FAILURES = _counter("DutyFailures", "Runs of keeper duties that failed.", "Duty")
DUTY_TICKS = _counter("DutyTicks", "Runs of keeper duties that ended well.", "Duty")

# The search
SEARCH_FAILURES = _counter(
    "SearchFailures", "Searches without an answer in time, or without its vector.", "Code", sums=ALL
)
UNINDEXED = _gauge("Unindexed", "Changes of titles that were not written, or not seen.")
SEARCH_LAG = _gauge(
    "SearchLag", "Age of the oldest change that was not written, or not seen.", unit=SECONDS
)

# The catalogue
CATALOG_WRITES = _counter("CatalogWrites", "Rows written.", "Table")
CATALOG_WRITE_ERRORS = _counter("CatalogWriteErrors", "Writes that failed.", "Table", "Code")
STALE_WRITES = _counter("StaleWrite", "Writes that a newer item had made needless.", "Table")
DYNAMO_THROTTLES = _counter(
    "DynamoThrottles", "Writes that DynamoDB throttled to the end.", "Table"
)
