"""Which clusters can be kept together: not those that something outside is between."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from autograd.drawing.layout.plan import Plan


def kept_together(plan: Plan) -> Plan:
    """The plan without the clusters that something outside is both made from and used in."""
    for cluster in ("", *(c.key for c in plan.clusters)):
        while torn := torn_clusters(plan, cluster):
            place_of = {c.key: c.key for c in plan.clusters} | {"": ""}
            place_of |= dict.fromkeys(torn, cluster)  # what was in them lies around them now
            kept = [c for c in plan.clusters if c.key not in torn]
            boxes = tuple(replace(box, cluster=place_of[box.cluster]) for box in plan.boxes)
            clusters = tuple(replace(c, cluster=place_of[c.cluster]) for c in kept)
            plan = replace(plan, boxes=boxes, clusters=clusters)
    return plan


def torn_clusters(plan: Plan, cluster: str) -> set[str]:
    """The clusters directly inside that are on a cycle, when each is taken as one."""
    inside = items(plan, cluster)
    ends = ((inside.get(link.tail), inside.get(link.head)) for link in plan.links)
    pairs = {(tail, head) for tail, head in ends if tail and head and tail != head}
    rest = uncycled(uncycled(pairs), turned=True)
    return {key for pair in rest for key in pair} & {c.key for c in plan.clusters}


def uncycled(pairs: set[tuple[str, str]], turned: bool = False) -> set[tuple[str, str]]:
    """The pairs that are left when, again and again, what has no sources is taken away."""
    edges = {(b, a) for a, b in pairs} if turned else pairs
    heads, waiting = defaultdict[str, list[str]](list), defaultdict[str, int](int)
    for tail, head in edges:
        heads[tail].append(head)
        waiting[head] += 1
    ready = [key for key in heads if not waiting[key]]
    gone = set(ready)
    while ready:
        for head in heads[ready.pop()]:
            waiting[head] -= 1
            if not waiting[head]:
                ready.append(head)
                gone.add(head)
    return {(a, b) for a, b in pairs if a not in gone and b not in gone}


def items(plan: Plan, cluster: str) -> dict[str, str]:
    """For every box in a cluster: itself, or the cluster directly inside that it is in."""
    outer = {c.key: c.cluster for c in plan.clusters}
    found = {}
    for box in plan.boxes:
        item, around = box.key, box.cluster
        while around and around != cluster:
            item, around = around, outer[around]
        if around == cluster:
            found[box.key] = item
    return found
