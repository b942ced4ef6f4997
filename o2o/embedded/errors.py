"""The one error of the launcher: a sentence for the person at the terminal."""


class LaunchError(Exception):
    """Something a person has to know or do; its text is one clear line, shown without a traceback."""
