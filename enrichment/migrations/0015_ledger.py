from typing import Any

import django.db.models.deletion
from django.db import migrations, models

ENTRIES = "INSERT INTO enrichment_ledgerentry (job_id, state, at, items, cost)"
POSTGRESQL = f"""
CREATE FUNCTION enrichment_write_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        {ENTRIES} SELECT job_id, state, statement_timestamp(), count(*), sum(cost)
        FROM fresh GROUP BY job_id, state;
    ELSIF TG_OP = 'DELETE' THEN
        {ENTRIES} SELECT job_id, state, statement_timestamp(), -count(*), -sum(cost)
        FROM stale GROUP BY job_id, state;
    ELSE
        {ENTRIES} SELECT job_id, state, statement_timestamp(), sum(items), sum(cost)
        FROM (SELECT job_id, state, 1 AS items, cost FROM fresh
              UNION ALL SELECT job_id, state, -1, -cost FROM stale) moved
        GROUP BY job_id, state HAVING sum(items) <> 0 OR sum(cost) <> 0;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER item_added AFTER INSERT ON enrichment_item
    REFERENCING NEW TABLE AS fresh EXECUTE FUNCTION enrichment_write_ledger();
CREATE TRIGGER item_removed AFTER DELETE ON enrichment_item
    REFERENCING OLD TABLE AS stale EXECUTE FUNCTION enrichment_write_ledger();
CREATE TRIGGER item_changed AFTER UPDATE ON enrichment_item
    REFERENCING NEW TABLE AS fresh OLD TABLE AS stale EXECUTE FUNCTION enrichment_write_ledger();
"""
NOW = "strftime('%Y-%m-%d %H:%M:%f', 'now')"
SQLITE = f"""
CREATE TRIGGER item_added AFTER INSERT ON enrichment_item BEGIN
    {ENTRIES} VALUES (new.job_id, new.state, {NOW}, 1, new.cost);
END;
CREATE TRIGGER item_removed AFTER DELETE ON enrichment_item BEGIN
    {ENTRIES} VALUES (old.job_id, old.state, {NOW}, -1, -old.cost);
END;
CREATE TRIGGER item_changed AFTER UPDATE OF job_id, state, cost ON enrichment_item BEGIN
    {ENTRIES} VALUES (old.job_id, old.state, {NOW}, -1, -old.cost),
        (new.job_id, new.state, {NOW}, 1, new.cost);
END;
"""
# What is there already: each item since it ended, began, or its job did.
MINUTE = {
    "postgresql": "date_trunc('minute', {})",
    "sqlite": "strftime('%Y-%m-%d %H:%M:00', {})",
}
PAST = f"""
{ENTRIES} SELECT job_id, item.state, {{}}, count(*), sum(item.cost)
FROM enrichment_item item JOIN enrichment_job job ON job.id = item.job_id GROUP BY 1, 2, 3
"""
SINCE = "coalesce(item.ended_at, item.started_at, job.created_at)"
TRIGGERS = ("item_added", "item_removed", "item_changed")


def add_triggers(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        if schema_editor.connection.vendor == "postgresql":
            cursor.execute(POSTGRESQL)
        else:
            for trigger in SQLITE.split("CREATE ")[1:]:
                cursor.execute(f"CREATE {trigger}")


def begin(apps: Any, schema_editor: Any) -> None:
    add_triggers(apps, schema_editor)
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        # From here on nobody changes items until this transaction ends, so nothing is missed.
        cursor.execute(PAST.format(MINUTE[connection.vendor].format(SINCE)))


def end(apps: Any, schema_editor: Any) -> None:
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        for trigger in TRIGGERS:
            table = " ON enrichment_item" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER {trigger}{table}")
        if connection.vendor == "postgresql":
            cursor.execute("DROP FUNCTION enrichment_write_ledger()")


class Migration(migrations.Migration):

    dependencies = [
        ('enrichment', '0014_rows_taken_in_part'),
    ]

    operations = [
        migrations.CreateModel(
            name='LedgerEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('pending', 'Pending'), ('queued', 'Queued'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed'), ('refused', 'Refused'), ('quarantined', 'Quarantined'), ('cancelled', 'Cancelled')], max_length=12)),
                ('at', models.DateTimeField()),
                ('items', models.BigIntegerField()),
                ('cost', models.DecimalField(decimal_places=6, max_digits=16)),
                ('folded', models.BooleanField(db_default=False)),
                ('job', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='ledger', to='enrichment.job')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('folded', False)), fields=['id'], name='ledger_to_fold')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('folded', True)), fields=('job', 'state', 'at'), name='one_folded_entry')],
            },
        ),
        migrations.RunPython(begin, end),
    ]
