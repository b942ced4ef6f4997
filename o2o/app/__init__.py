"""The site as an installed app: manifest, service worker, the page without network."""
