"""A payment says what part of its order it is for."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0005_texts_bounded'),
    ]

    operations = [
        migrations.AddField(
            model_name='payment',
            name='purpose',
            field=models.CharField(choices=[('whole', 'whole order'), ('deposit', 'deposit'), ('balance', 'balance'), ('top_up', 'top-up')], db_default='whole', default='whole', max_length=8, verbose_name='purpose'),
        ),
    ]
