"""The table: medians flow in, aligned lines of text flow out."""

from __future__ import annotations

from benchmarks.group import BASELINE, TOTAL, Column, Group, Layout, Target
from benchmarks.measure import Medians

LABEL, CELL, AIM = 24, 9, 52

Seconds = dict[str, float]


def heading(layout: Layout) -> str:
    """Two lines that name the columns."""
    names = [column.name for column in layout.columns]
    width = len(names) * CELL
    states = "".join(
        f"{f' collector {state} ':─^{width - 2}}".rjust(width) for state in ("on", "off")
    )
    return f"{'':{LABEL}}{states}\n{line('', *names, *names, layout.last)}"


def line(label: str, *cells: str) -> str:
    """A label and right-aligned cells."""
    return (f"{label:{LABEL}}" + "".join(f"{cell:>{CELL}}" for cell in cells)).rstrip()


def row(group: Group, size: int, label: str, results: dict[str, Medians]) -> str:
    """The line of one case."""
    if label not in results:
        return f"  {label}: not installed"
    result = results[label]
    baseline = results.get(group.baseline) if label != group.baseline else None
    scale = group.scale / (group.repeats or size)
    columns = group.layout.columns
    cells = [cell(c, result.on, baseline and baseline.on, scale) for c in columns]
    cells += [cell(c, result.off, baseline and baseline.off, scale) for c in columns]
    return line(("* " if result.deep else "  ") + label, *cells, last(group, result, size))


def cell(column: Column, own: Seconds, baseline: Seconds | None, scale: float) -> str:
    """Seconds times `scale`, a multiple of another phase, or a speed."""
    if column.over == BASELINE:
        if baseline is None or not comparable(column.phase, own, baseline):
            return ""
        return f"{number(during(baseline, column.phase) / during(own, column.phase))}×"
    if column.phase not in (*own, TOTAL) or column.over not in (*own, ""):
        return ""
    if column.over:
        return f"{number(own[column.phase] / own[column.over])}×"
    return number(during(own, column.phase) * scale)


def comparable(phase: str, own: Seconds, other: Seconds) -> bool:
    """Whether both have the phase; their totals compare if they have the same phases."""
    return own.keys() == other.keys() if phase == TOTAL else phase in own and phase in other


def last(group: Group, result: Medians, size: int) -> str:
    """The cell at the end: bytes of a node, or a phase that is run once."""
    name = group.layout.last
    if name != "bytes":
        return number(result.on[name] * group.scale) if name in result.on else ""
    grown = result.bytes.get("build", 0)
    return f"{grown / size:.0f}" if not group.repeats and grown > 0 else ""


def aim(target: Target, results: dict[str, Medians], scale: float, nodes: int) -> str:
    """What is aimed at, what was measured, and whether that is enough."""
    of = f", {target.phase}" if target.phase != TOTAL else ""
    off = ", collector off" if target.collector == "off" else ""
    other = target.against if target.against != target.case else ""
    against = f" against {', '.join(filter(None, (other, target.other)))}" if target.against else ""
    text = f"→ {target.case}{of}{against}{off}"
    if not {target.case, target.against} - {""} <= results.keys():
        return f"  {text:{AIM}}{'not measured':>12}"
    measured = reached(target, results, scale, nodes)
    met = measured <= target.limit if target.sign == "≤" else measured >= target.limit
    times = "×" if target.against else ""
    found, wanted = f"{number(measured)}{times}", f"{target.sign} {target.limit:,g}{times}"
    return f"  {text:{AIM}}{found:>12}   wanted {wanted:10} {'met' if met else 'NOT MET'}"


def reached(target: Target, results: dict[str, Medians], scale: float, nodes: int) -> float:
    """The number to compare with the limit: a ratio, units of time, or bytes per node."""
    if target.phase == "bytes":
        return results[target.case].bytes["build"] / nodes
    own = during(state(results[target.case], target), target.phase)
    if not target.against:
        return own * scale
    other = during(state(results[target.against], target), target.other or target.phase)
    return own / other if target.sign == "≤" else other / own


def state(result: Medians, target: Target) -> Seconds:
    """The seconds with the collector as the target has it."""
    return result.on if target.collector == "on" else result.off


def during(seconds: Seconds, phase: str) -> float:
    """The seconds of the phase, or of all together."""
    return sum(seconds.values()) if phase == TOTAL else seconds[phase]


def number(x: float) -> str:
    """Three digits, or all of them before the point: 0.123, 12.3, 1,234; below 0.01 two."""
    if x >= 100:
        return f"{x:,.0f}"
    return f"{x:.3g}" if x >= 0.01 else f"{x:.2g}"
