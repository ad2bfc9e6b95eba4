"""The table: medians flow in, aligned lines of text flow out."""

from __future__ import annotations

from benchmarks.groups import Target
from benchmarks.measure import Medians

PHASES = ("build", "backward", "free")
COLUMNS = (*PHASES, "total", "speed")
LABEL, CELL, AIM = 24, 9, 52


def heading() -> str:
    """Two lines that name the columns."""
    width = len(COLUMNS) * CELL
    states = "".join(
        f"{f' collector {state} ':─^{width - 2}}".rjust(width) for state in ("on", "off")
    )
    return f"{'':{LABEL}}{states}\n{line('', *COLUMNS, *COLUMNS, 'bytes')}"


def line(label: str, *cells: str) -> str:
    """A label and right-aligned cells."""
    return (f"{label:{LABEL}}" + "".join(f"{cell:>{CELL}}" for cell in cells)).rstrip()


def row(label: str, result: Medians, baseline: Medians | None, scale: float, nodes: int) -> str:
    """The line of one case: seconds times `scale`, the speed against the baseline, bytes a node."""
    cells = [*half(result.on, baseline and baseline.on, scale)]
    cells += half(result.off, baseline and baseline.off, scale)
    grown = result.bytes.get("build", 0)
    cells.append(f"{grown / nodes:.0f}" if nodes and grown > 0 else "")
    return line(("* " if result.deep else "  ") + label, *cells)


def half(seconds: dict[str, float], baseline: dict[str, float] | None, scale: float) -> list[str]:
    """The cells of one state of the collector."""
    total = sum(seconds.values())
    comparable = baseline is not None and seconds.keys() == baseline.keys()
    return [
        *(number(seconds[phase] * scale) if phase in seconds else "" for phase in PHASES),
        number(total * scale),
        f"{number(sum(baseline.values()) / total)}×" if comparable else "",
    ]


def aim(target: Target, results: dict[str, Medians], scale: float, nodes: int) -> str:
    """What is aimed at, what was measured, and whether that is enough."""
    of = f", {target.phase}" if target.phase != "total" else ""
    off = ", collector off" if target.collector == "off" else ""
    against = f" against {target.against}" if target.against else ""
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
    own = seconds(results[target.case], target)
    if not target.against:
        return own * scale
    other = seconds(results[target.against], target)
    return own / other if target.sign == "≤" else other / own


def seconds(result: Medians, target: Target) -> float:
    """The seconds of the phase, or of all together."""
    phases = result.on if target.collector == "on" else result.off
    return sum(phases.values()) if target.phase == "total" else phases[target.phase]


def number(x: float) -> str:
    """Three digits, or all of them before the point: 0.123, 12.3, 1,234."""
    return f"{x:,.0f}" if x >= 100 else f"{x:.3g}"
