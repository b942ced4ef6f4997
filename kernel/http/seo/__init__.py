"""How search engines and link previews see the site.

`public` says which views may be found and by which address, `exposure` keeps all others out
of indexes and caches, `robots` and `sitemap` tell crawlers, `structured` writes schema.org
data. Templates load ``seo``.
"""
