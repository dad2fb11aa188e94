import groups.models
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("groups", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="group",
            name="telephone",
            field=models.CharField(
                blank=True,
                max_length=32,
                validators=[groups.models.check_telephone],
                verbose_name="Telephone for members who cannot get in",
            ),
        ),
    ]
