"""What every test shares."""

from hypothesis import settings

# Nothing here is timed: a busy machine is no failure.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
