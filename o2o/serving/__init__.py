"""How the web is served: gunicorn keeps the processes, waitress reads and answers HTTP in them."""
