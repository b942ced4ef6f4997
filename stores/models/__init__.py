"""Merchants, their stores, opening hours and staff."""

from stores.models.device import Device
from stores.models.hours import StoreHoliday, StoreHours, Weekday
from stores.models.kept import KeptPicture
from stores.models.merchant import Merchant
from stores.models.places import City
from stores.models.staff import StaffInvitation, StaffMembership
from stores.models.store import Store, StoreQuerySet

__all__ = [
    "City",
    "Device",
    "KeptPicture",
    "Merchant",
    "StaffInvitation",
    "StaffMembership",
    "Store",
    "StoreHoliday",
    "StoreHours",
    "StoreQuerySet",
    "Weekday",
]
