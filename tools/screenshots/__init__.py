"""Every screen of the platform: the list, the stage they stand on, their pictures (`make screenshots`)."""
