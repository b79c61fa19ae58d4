from __future__ import annotations

from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, OuterRef, Subquery

import enrichment.models

DETAILS = ("title_jp", "title_kana", "creator", "original_creator", "first_published", "note")


RELEASE_FIELDS: dict[str, models.Field[Any, Any]] = {
    "size": models.PositiveBigIntegerField(default=0),
    "fingerprint": models.CharField(max_length=64, default=""),
    "mapping": models.JSONField(blank=True, default=dict),
    "state": models.CharField(
        choices=[
            ("received", "Received"),
            ("staging", "Staging"),
            ("ready", "Ready"),
            ("refused", "Refused"),
        ],
        default="received",
        max_length=12,
    ),
    "code": models.CharField(blank=True, max_length=40),
    "parameters": models.JSONField(blank=True, default=dict),
    "format": models.CharField(blank=True, max_length=8),
    "encoding": models.CharField(blank=True, max_length=20),
    "sheet": models.CharField(blank=True, max_length=255),
    "columns": models.JSONField(blank=True, default=dict),
    "ignored_columns": models.JSONField(blank=True, default=list),
    "delivery": models.PositiveIntegerField(default=0),
    "crashes": models.PositiveSmallIntegerField(default=0),
    "lease_until": models.DateTimeField(blank=True, null=True),
}
ROW_FIELDS: dict[str, models.Field[Any, Any]] = {
    "title_jp": models.CharField(max_length=300, default=""),
    "title_kana": models.CharField(blank=True, max_length=2_000),
    "creator": models.CharField(blank=True, max_length=2_000),
    "original_creator": models.CharField(blank=True, max_length=2_000),
    "first_published": models.CharField(blank=True, max_length=10),
    "note": models.CharField(blank=True, max_length=2_000),
    "change": models.CharField(
        choices=[("new", "New"), ("changed", "Changed"), ("unchanged", "Unchanged")],
        max_length=10,
        default="new",
    ),
}


def adopt_rows(apps: Any, schema_editor: Any) -> None:
    """Rows of releases from before staging say what their titles say now."""
    title = apps.get_model("enrichment", "Title").objects.filter(pk=OuterRef("title_id"))
    details = {name: Subquery(title.values(name)[:1]) for name in DETAILS}
    apps.get_model("enrichment", "ReleaseRow").objects.update(**details)


def adopt_releases(apps: Any, schema_editor: Any) -> None:
    """Nobody owned a release by its bytes then: uploaded again, a file becomes a new release."""
    release = apps.get_model("enrichment", "Release")
    release.objects.update(state="ready", format="csv", encoding="utf-8", fingerprint=F("sha256"))


class Migration(migrations.Migration):
    dependencies = [("enrichment", "0001_initial")]

    operations = [
        migrations.AlterField("release", "sha256", models.CharField(max_length=64)),
        *(migrations.AddField("release", name, field) for name, field in RELEASE_FIELDS.items()),
        migrations.RunPython(adopt_releases, migrations.RunPython.noop, elidable=True),
        migrations.AlterField("release", "fingerprint", models.CharField(max_length=64)),
        migrations.AddConstraint(
            "release",
            models.UniqueConstraint(
                condition=models.Q(("state", "refused"), _negated=True),
                fields=["fingerprint"],
                name="one_release_per_file_and_user",
            ),
        ),
        migrations.AddIndex(
            "release",
            models.Index(
                condition=models.Q(("state__in", ["received", "staging"])),
                fields=["lease_until"],
                name="release_to_stage",
            ),
        ),
        migrations.CreateModel(
            name="ReleasePart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("content", models.BinaryField()),
                (
                    "release",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="enrichment.release",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("release", "number"), name="one_part_per_number"
                    )
                ]
            },
        ),
        # The foreign key becomes a plain id: a row may describe a title that is not there yet.
        migrations.AlterField("releaserow", "title", models.CharField(max_length=64)),
        migrations.RenameField("releaserow", "title", "title_id"),
        *(migrations.AddField("releaserow", name, field) for name, field in ROW_FIELDS.items()),
        migrations.RunPython(adopt_rows, migrations.RunPython.noop, elidable=True),
        migrations.AlterField("releaserow", "title_jp", models.CharField(max_length=300)),
        migrations.AlterField(
            "releaserow",
            "change",
            models.CharField(
                choices=[("new", "New"), ("changed", "Changed"), ("unchanged", "Unchanged")],
                max_length=10,
            ),
        ),
        migrations.AlterField(
            "releaserow",
            "release",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="rows",
                to="enrichment.release",
            ),
        ),
        migrations.AddField(
            "job", "changes", models.JSONField(default=enrichment.changes.usual_changes)
        ),
        migrations.AlterField(
            "job",
            "state",
            models.CharField(
                choices=[
                    ("open", "Open"),
                    ("paused", "Paused"),
                    ("done", "Done"),
                    ("failed", "Failed"),
                    ("cancelled", "Cancelled"),
                ],
                default="open",
                max_length=12,
            ),
        ),
        migrations.AddField("title", "described_by", models.BigIntegerField(default=0)),
        migrations.AddIndex("item", models.Index(fields=["job", "id"], name="item_of_job")),
        migrations.AlterField(
            "rowerror",
            "release",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="errors",
                to="enrichment.release",
            ),
        ),
        migrations.AddIndex(
            "rowerror", models.Index(fields=["release", "number"], name="error_of_row")
        ),
    ]
