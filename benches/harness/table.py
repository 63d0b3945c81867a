"""Results as text."""


def number(value):
    """Three to four significant digits, however large."""
    if value is None:
        return "-"
    if isinstance(value, str):
        return value
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}" if abs(value) >= 100 else f"{value:.3g}"


def percent(value):
    return "-" if value is None else f"{value:.0%}"


def table(columns, rows):
    """Columns as wide as their widest cell; the first to the left, figures to the right."""
    cells = [list(columns)] + [[number(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(columns))]
    lines = []
    for row in cells:
        others = [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        lines.append("  ".join([row[0].ljust(widths[0]), *others]).rstrip())
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def verdicts(result):
    """A line for each bar."""
    noisy = result.noise()
    return [f"[{bar.verdict(noisy)}] {bar.text}: {number(bar.value)} (bar {bar.limit()})" for bar in result.bars]


def render(result):
    """A result, ready to print."""
    parts = [f"== {result.title}", table(result.columns, result.rows)]
    parts += [f"{name}: {reason}" for name, reason in result.absent.items()]
    parts += verdicts(result)
    parts += [f"TOO NOISY to judge: {reason}" for reason in result.noise()]
    return "\n".join(parts) + "\n"
