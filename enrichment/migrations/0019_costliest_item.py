from importlib import import_module
from typing import Any

from django.db import migrations, models

LEDGER = import_module("enrichment.migrations.0015_ledger")
ENTRIES = "INSERT INTO enrichment_ledgerentry (job_id, state, at, items, cost, costliest)"
POSTGRESQL = f"""
CREATE OR REPLACE FUNCTION enrichment_write_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        {ENTRIES} SELECT job_id, state, statement_timestamp(), count(*), sum(cost), max(cost)
        FROM fresh GROUP BY job_id, state;
    ELSIF TG_OP = 'DELETE' THEN
        {ENTRIES} SELECT job_id, state, statement_timestamp(), -count(*), -sum(cost), 0
        FROM stale GROUP BY job_id, state;
    ELSE
        {ENTRIES} SELECT job_id, state, statement_timestamp(), sum(items), sum(cost),
            max(costliest)
        FROM (SELECT job_id, state, 1 AS items, cost, cost AS costliest FROM fresh
              UNION ALL SELECT job_id, state, -1, -cost, 0 FROM stale) moved
        GROUP BY job_id, state HAVING sum(items) <> 0 OR sum(cost) <> 0;
    END IF;
    RETURN NULL;
END $$
"""
NOW = "strftime('%Y-%m-%d %H:%M:%f', 'now')"
SQLITE = {
    "item_added": f"""AFTER INSERT ON enrichment_item BEGIN
        {ENTRIES} VALUES (new.job_id, new.state, {NOW}, 1, new.cost, new.cost);
    END""",
    "item_removed": f"""AFTER DELETE ON enrichment_item BEGIN
        {ENTRIES} VALUES (old.job_id, old.state, {NOW}, -1, -old.cost, 0);
    END""",
    "item_changed": f"""AFTER UPDATE OF job_id, state, cost ON enrichment_item BEGIN
        {ENTRIES} VALUES (old.job_id, old.state, {NOW}, -1, -old.cost, 0),
            (new.job_id, new.state, {NOW}, 1, new.cost, new.cost);
    END""",
}
# What is there already goes into folded entries, which older processes leave as they are. An ended
# job that is tried again goes by the worst of one call until the first of its items is paid for.
PAST = """
INSERT INTO enrichment_ledgerentry (job_id, state, at, items, cost, costliest, folded)
SELECT job.id, 'pending', job.created_at, 0, 0, max(item.cost), true
FROM enrichment_item item JOIN enrichment_job job ON job.id = item.job_id
WHERE job.ended_at IS NULL GROUP BY job.id
ON CONFLICT (job_id, state, at) WHERE folded DO UPDATE SET costliest = excluded.costliest
"""


def make_way(apps: Any, schema_editor: Any) -> None:
    # SQLite adds a column by making the table anew, which a trigger that names it forbids.
    if schema_editor.connection.vendor == "sqlite":
        LEDGER.end(apps, schema_editor)


def begin(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        if schema_editor.connection.vendor == "postgresql":
            cursor.execute(POSTGRESQL)
        else:
            for name, trigger in SQLITE.items():
                cursor.execute(f"CREATE TRIGGER {name} {trigger}")
        cursor.execute(PAST)


class Migration(migrations.Migration):

    dependencies = [
        ('enrichment', '0018_items_by_state'),
    ]

    operations = [
        migrations.RunPython(make_way, LEDGER.add_triggers),
        migrations.AddField(
            model_name='ledgerentry',
            name='costliest',
            field=models.DecimalField(db_default=0, decimal_places=6, max_digits=12),
        ),
        migrations.RunPython(begin, LEDGER.end),
    ]
