"""An animation: the picture at every step of both passes, with what happens written below it.

Nothing moves: every card keeps its place, and colours and widths their scale. What the passes have
not reached is "·".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from autograd.drawing.moments import moments
from autograd.drawing.scene import Edge, Node, Scene
from autograd.steps import Backward, Forward, Step, Steps

MOST = 300  # frames


class State:
    """How far the two passes have come."""

    def __init__(self, steps: Steps) -> None:
        self.known, self.grads, self.fired = 0, dict[int, float](), set[int]()
        self.names = steps.names

    def go(self, step: Step) -> None:
        """Do one step."""
        if isinstance(step, Forward):
            self.known = step.place + 1
        elif isinstance(step, Backward):
            self.fired.add(step.place)
            for addition in step.additions:
                self.grads[addition.place] = addition.after
        else:
            self.grads[step.place] = step.grad

    def node(self, node: Node) -> Node:
        """A node with the numbers that it has by now."""
        place = place_of(node.key)
        data = node.data if place < self.known else None
        return replace(node, data=data, grad=self.grads.get(place))

    def edge(self, edge: Edge) -> Edge:
        """An edge with its local derivative once it is made, and its flow once that has passed."""
        place = place_of(edge.head)
        fired, made = place in self.fired, place < self.known
        flow = edge.local * self.grads[place] if fired and edge.local is not None else None
        return replace(edge, local=edge.local if made else None, flow=flow)


def frames(scene: Any, steps: Steps | None) -> Iterator[str]:
    """The pictures as SVG, one for each step.

    Raises ValueError where a step has no card to show it, or there are too many.
    """
    checked(scene, steps)
    assert steps is not None
    state, scenes = State(steps), list[Scene]()
    for step in steps:
        state.go(step)
        nodes, edges = map(state.node, scene.nodes), map(state.edge, scene.edges)
        scenes.append(replace(scene, nodes=tuple(nodes), edges=tuple(edges)))
    yield from moments(scenes, [*map(caption, steps)], [f"n{step.place}" for step in steps])


def checked(scene: Any, steps: Steps | None) -> None:
    """Raise ValueError for what cannot be animated."""
    whole = isinstance(scene, Scene) and not any(group.folded for group in scene.groups)
    single = whole and all(node.key[1:].isdecimal() for node in scene.nodes)
    if not single or steps is None:
        raise ValueError(
            "an animation goes through all nodes one by one, so each needs a card: draw the view "
            "'graph' with fold='none' and without unfold, or use .html(), which steps through any"
        )
    if len(steps) > MOST:
        raise ValueError(
            f"an animation of {len(steps):,} steps would be too long, at most {MOST} are shown: "
            "use .html(), which has a slider, or draw a part of the graph"
        )


def place_of(key: str) -> int:
    return int(key[1:])


def caption(step: Step) -> list[str]:
    """What happens in a step, line by line; of very many additions the first."""
    lines = str(step).splitlines()
    if isinstance(step, Forward):
        lines = [f"forward: {lines[0]}"]
    elif not isinstance(step, Backward):
        lines = [f"the seed: {lines[0]}"]
    return lines if len(lines) <= 5 else [*lines[:4], f"  … {len(lines) - 4} more"]
