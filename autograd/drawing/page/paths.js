// Paths between two nodes, as explain() finds them: the largest, how many, what the rest adds up to.

const LISTED = 10;

// The edges that lead from one node towards another, by the node that they arrive at.
const routes = (steps, from, to) => {
  const arriving = new Map([[from, []]]);
  for (let place = from + 1; place <= to; place++) {
    const edges = steps.parents[place]
      .map((parent, slot) => ({ parent, slot, local: steps.local[place][slot] }))
      .filter(({ parent }) => arriving.has(parent));
    if (edges.length) arriving.set(place, edges);
  }
  const leading = new Set(arriving.has(to) ? [to] : []);
  for (let place = to; place > from; place--)
    if (leading.has(place)) for (const { parent } of arriving.get(place)) leading.add(parent);
  return new Map([...arriving].filter(([place]) => leading.has(place)));
};

const size = (x) => Number.isNaN(x) ? Infinity : Math.abs(x);
const times = (x, y) => x === 0 || y === 0 ? 0 : x * y;

// Best first from the end: a partial path is as good as the best way on from where it has come to.
const pathsBetween = (steps, from, to) => {
  const edges = routes(steps, from, to);
  if (!edges.size) return null;
  const sums = new Map([[from, 1]]), best = new Map([[from, 1]]), counts = new Map([[from, 1n]]);
  for (const [place, all] of edges) {
    if (place === from) continue;
    sums.set(place, all.reduce((sum, { parent, local }) => sum + times(local, sums.get(parent)), 0));
    best.set(place, Math.max(...all.map(({ parent, local }) => times(size(local), best.get(parent)))));
    counts.set(place, all.reduce((count, { parent }) => count + counts.get(parent), 0n));
  }
  const frontier = [{ place: to, product: 1, uses: [] }], listed = [];
  const worth = ({ place, product }) => times(size(product), best.get(place));
  while (frontier.length && listed.length < LISTED) {
    const top = frontier.reduce((chosen, entry, i) => worth(entry) > worth(frontier[chosen]) ? i : chosen, 0);
    const [{ place, product, uses }] = frontier.splice(top, 1);
    if (place === from) {
      listed.push({ product, uses });
      continue;
    }
    for (const { parent, slot, local } of edges.get(place))
      frontier.push({ place: parent, product: times(product, local), uses: [{ place, slot, local }, ...uses] });
  }
  const rest = frontier.reduce((sum, { place, product }) => sum + times(product, sums.get(place)), 0);
  return { from, to, edges, listed, rest, count: counts.get(to), total: sums.get(to) };
};
