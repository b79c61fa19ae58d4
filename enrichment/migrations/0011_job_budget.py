from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('enrichment', '0010_message_and_request'),
    ]

    operations = [
        migrations.AddField(
            model_name='job',
            name='budget',
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=8, null=True),
        ),
        migrations.AddField(
            model_name='job',
            name='held',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='weeklymark',
            name='budget',
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=8, null=True),
        ),
    ]
