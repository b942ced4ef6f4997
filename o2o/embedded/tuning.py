"""How the embedded PostgreSQL is set: durable, local, moderate in memory."""

# Only part of the socket's name: no TCP port is opened.
PORT = 5432

SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "300",
    "shared_buffers": "128MB",
    "effective_cache_size": "512MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "1GB",
    # Dumps are its backups, nobody follows its log: a table that is written anew (kernel/db/rewrite.py)
    # goes to its file alone.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "checkpoint_timeout": "15min",
    "checkpoint_completion_target": "0.9",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_duration_statement": "1s",
    "log_line_prefix": "%m [%p] ",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
}
FAST_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
