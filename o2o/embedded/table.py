"""What the demo prints when it is ready."""

from pathlib import Path


def demo_table(address: str, logins: list[dict[str, object]], logs: Path) -> str:
    """Addresses and demo logins as a short table."""
    pages = [
        ("Shop", address, "customer"),
        ("Store console", f"{address}console/", "staff"),
        ("Merchant and operator", f"{address}admin/", "merchant, operator"),
        ("API", f"{address}api/docs/", "any"),
    ]
    rows = [(_role(login), str(login["identifier"]), str(login["password"])) for login in logins]
    lines = ["", *_columns([("Page", "Address", "Log in as"), *pages])]
    lines += ["", *_columns([("Role", "Login", "Password"), *rows])]
    lines += [
        "",
        f"Logs, e-mails to customers among them: {logs}",
        "Ctrl-C stops everything; the data stays.",
        "",
    ]
    return "\n".join(lines)


def _role(login: dict[str, object]) -> str:
    """The role, and of the operator's people their part: "operator, finance"."""
    return ", ".join(str(login[key]) for key in ("role", "desk") if key in login)


def _columns(rows: list[tuple[str, str, str]]) -> list[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]
    return [
        "  " + line.rstrip()
        for line in (lines[0], "  ".join("-" * width for width in widths), *lines[1:])
    ]
