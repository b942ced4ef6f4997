"""How dates read where Django writes them by itself: the admin's plain fields."""
