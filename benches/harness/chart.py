"""Results as a picture: one panel of bars for each, on a logarithmic scale, in SVG."""

import math
from html import escape

from harness.table import number

WIDTH, ROW, HEAD, LABELS, FIGURES = 860, 20, 44, 230, 80
OURS, FLOOR, PEER, TEXT, QUIET = "#c8553d", "#555", "#8fb3cc", "#222", "#777"


def svg(results):
    """The whole picture."""
    panels, y = [], 10
    for result in results:
        if result.chart and any(result.chart.values.values()):
            panels.append(panel(result, y))
            y += HEAD + ROW * len(result.chart.values) + 16
    style = "font-family='system-ui, sans-serif' font-size='12'"
    body = "\n".join(panels)
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {y}' width='{WIDTH}' height='{y}' {style}>\n"
        f"<rect width='100%' height='100%' fill='#fff'/>\n{body}\n</svg>\n"
    )


def panel(result, top):
    chart = result.chart
    values = {name: value for name, value in chart.values.items() if value}
    low, high = scale(values.values())
    room = WIDTH - LABELS - FIGURES
    label = f"{chart.label} ({'more' if chart.more_is_better else 'less'} is better)" + noise(result)
    lines = [text(10, top + 14, result.title, weight="bold"), text(10, top + 30, label, fill=QUIET)]
    for power in range(low, high + 1):
        x = LABELS + room * (power - low) / (high - low)
        bottom = top + HEAD + ROW * len(values)
        lines.append(f"<line x1='{x:.1f}' x2='{x:.1f}' y1='{top + HEAD - 4}' y2='{bottom}' stroke='#ddd'/>")
    for index, (name, value) in enumerate(values.items()):
        y = top + HEAD + ROW * index
        fill = OURS if name in chart.ours else FLOOR if name == chart.floor else PEER
        length = room * (math.log10(value) - low) / (high - low)
        lines.append(text(LABELS - 8, y + 13, name, anchor="end"))
        lines.append(f"<rect x='{LABELS}' y='{y + 2}' width='{length:.1f}' height='{ROW - 5}' rx='2' fill='{fill}'/>")
        lines.append(text(LABELS + length + 6, y + 13, number(value)))
    return "\n".join(lines)


def scale(values):
    """The powers of ten around all values; the shortest bar keeps some length."""
    low = math.floor(math.log10(min(values)) - 0.1)
    high = math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)


def noise(result):
    return ", too noisy to judge" if result.noise() else ""


def text(x, y, content, weight="normal", anchor="start", fill=TEXT):
    return (
        f"<text x='{x:.1f}' y='{y}' font-weight='{weight}' text-anchor='{anchor}' fill='{fill}'>"
        f"{escape(content)}</text>"
    )
