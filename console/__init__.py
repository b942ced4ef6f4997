"""The counter: pages and API for staff in a store. No models; calls the services of the rooms below."""
