"""The kinds of conditions: a module for each room that they ask about, listed in ``kinds``."""
