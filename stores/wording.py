"""Words of the stores room that stand in no model."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

SERVICES = {
    "wifi": _("Free Wi-Fi"),
    "parking": _("Parking"),
    "step-free": _("Step-free entrance"),
    "private-room": _("Private rooms"),
    "outdoor-seats": _("Outdoor seats"),
    "high-chair": _("High chairs"),
    "pet-friendly": _("Pets welcome"),
    "power-sockets": _("Power sockets"),
    "lockers": _("Lockers"),
    "showers": _("Showers"),
    "card-payment": _("Foreign cards accepted"),
    "charging-piles": _("EV charging"),
    "baby-room": _("Baby care room"),
    "sea-view": _("Sea view"),
    "english": _("English spoken"),
    "delivery": _("Delivery"),
    "reservation": _("Table booking"),
}


def service_names(keys: list[str]) -> list[str]:
    """The services in the active language; a key that we have no word for is shown as typed."""
    return [str(SERVICES.get(key, key)) for key in keys]
