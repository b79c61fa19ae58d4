"""A store with a year of jobs in it, made in a few statements."""

from __future__ import annotations

from typing import Any

RELEASES = """
INSERT INTO enrichment_release (id, name, sha256, size, fingerprint, mapping, state, code,
    parameters, format, encoding, sheet, columns, ignored_columns, good_rows, bad_rows, delivery,
    crashes, created_at)
SELECT n, 'release-' || n || '.csv', '', 0, n::text, '{}', 'ready', '', '{}', 'csv', 'utf-8', '',
    '{}', '[]', %(items)s, 0, 1, 0, now() - n * interval '1 hour'
FROM generate_series(%(first)s, %(last)s) n
"""
JOBS = """
INSERT INTO enrichment_job (id, release_id, kinds, languages, changes, model, fingerprint, state,
    lane, weight, total, counts, cost, created_at, ended_at)
SELECT n, n, '["synopsis"]', '["ja"]', '["new"]', 'model', n::text,
    CASE WHEN n <= %(open)s THEN 'open' ELSE 'failed' END, 'normal', 1, %(items)s,
    CASE WHEN n > %(open)s THEN jsonb_build_object('done', %(items)s - 9, 'failed', 9) END,
    CASE WHEN n > %(open)s THEN %(items)s * 0.0024 END,
    now() - n * interval '1 hour', CASE WHEN n > %(open)s THEN now() - n * interval '1 hour' END
FROM generate_series(%(first)s, %(last)s) n
"""
TITLES = """
INSERT INTO enrichment_title (id, title_jp, title_kana, creator, original_creator,
    first_published, note, described_by)
SELECT 'T' || n, '題名' || n, '', '', '', '', '', 0 FROM generate_series(1, %(items)s) n
ON CONFLICT DO NOTHING
"""
ITEMS = """
INSERT INTO enrichment_item (job_id, title_id, state, delivery, tries, snoozes, crashes, worker,
    code, message, calls, input_tokens, output_tokens, cost, started_at, ended_at)
SELECT job, 'T' || n,
    CASE WHEN n <= 9 THEN 'failed' WHEN job > %(open)s OR n %% 2 = 0 THEN 'done' ELSE 'pending' END,
    1, 0, 0, 0, '', CASE WHEN n <= 9 THEN 'Throttled' ELSE '' END, '', 1, 900, 300, 0.0024,
    CASE WHEN ended THEN at - interval '2 seconds' END, CASE WHEN ended THEN at END
FROM generate_series(%(first)s, %(last)s) job, generate_series(1, %(items)s) n,
    LATERAL (SELECT job > %(open)s OR n %% 2 = 0 OR n <= 9 AS ended,
        now() - job * interval '1 minute' + n * interval '20 ms' AS at) one
"""


# As if the items had changed one after the other, and not all in one statement.
LEDGER = """
INSERT INTO enrichment_ledgerentry (job_id, state, at, items, cost)
SELECT job_id, item.state, date_trunc('second', coalesce(item.ended_at, job.created_at)), count(*),
    sum(item.cost)
FROM enrichment_item item JOIN enrichment_job job ON job.id = job_id GROUP BY 1, 2, 3
"""


def fill(connection: Any, jobs: int, items: int, open_jobs: int, large: int) -> None:
    """Makes so many jobs of so many items each; the newest ones are half done and still open.

    large: items of one more open job, the last.
    """
    from enrichment.folding import fold

    many = {"first": 1, "last": jobs, "items": items, "open": open_jobs}
    one = {"first": jobs + 1, "last": jobs + 1, "items": large, "open": jobs + 1}
    with connection.cursor() as cursor:
        for values in (many, one):
            for statement in (RELEASES, JOBS, TITLES, ITEMS):
                cursor.execute(statement, values)
        cursor.execute("DELETE FROM enrichment_ledgerentry")
        cursor.execute(LEDGER)
        fold()
        cursor.execute("ANALYZE")
