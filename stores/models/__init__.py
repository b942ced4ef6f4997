"""Merchants, their stores, opening hours and staff."""

from stores.models.approval import Approval
from stores.models.device import Device
from stores.models.hours import StoreHoliday, StoreHours, Weekday
from stores.models.kept import KeptPicture
from stores.models.merchant import Merchant
from stores.models.places import City
from stores.models.platform import PlatformRole
from stores.models.staff import StaffInvitation, StaffMembership, StoreGroup
from stores.models.store import Store, StoreQuerySet

__all__ = [
    "Approval",
    "City",
    "Device",
    "KeptPicture",
    "Merchant",
    "PlatformRole",
    "StaffInvitation",
    "StaffMembership",
    "Store",
    "StoreGroup",
    "StoreHoliday",
    "StoreHours",
    "StoreQuerySet",
    "Weekday",
]
