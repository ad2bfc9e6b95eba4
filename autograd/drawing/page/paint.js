// Paint: the numbers of a state on the picture, in the colours of autograd/drawing/colour.py.

const { colours: COLOURS, ink: INK } = contents;
const rgb = (colour) => `rgb(${colour.join(",")})`;
const blend = (start, end, share) => start.map((a, i) => Math.round(a + (end[i] - a) * share));
const strength = (x, largest) => largest ? Math.sqrt(Math.min(1, Math.abs(x) / largest)) : 0;
const largestOf = (all) => all.reduce((most, x) => Number.isFinite(x) ? Math.max(most, Math.abs(x)) : most, 0);

const fillOf = (grad, largest) => {
  if (grad === null) return COLOURS.WHITE;
  if (!Number.isFinite(grad)) return COLOURS.BROKEN_FILL;
  return blend(COLOURS.WHITE, grad < 0 ? COLOURS.NEGATIVE : COLOURS.POSITIVE, strength(grad, largest));
};

const lineOf = (x) => {
  if (x === null || x === 0) return COLOURS.GREY;
  if (!Number.isFinite(x)) return COLOURS.BROKEN;
  return x < 0 ? COLOURS.NEGATIVE_LINE : COLOURS.POSITIVE_LINE;
};

const strokeOf = (grad) => rgb(blend(lineOf(grad), COLOURS.SLATE, 0.45));
const broken = (x) => x !== null && !Number.isFinite(x);
const inkOf = (x) => broken(x) ? rgb(COLOURS.BROKEN) : INK;

// The least and the largest, as the card of a folded group shows them.
const span = (all) => {
  const known = all.filter((x) => x !== null && !Number.isNaN(x));
  if (!known.length) return number(null);
  const [low, high] = [Math.min(...known), Math.max(...known)].map((x) => number(Number(x.toPrecision(3))));
  return low === high ? low : `${low} … ${high}`;
};

class Painter {
  constructor(picture, steps) {
    this.picture = picture;
    this.steps = steps;
    this.painted = new Map(); // by element: what was last set on it
    const grads = steps.at(steps.length).grads;
    this.largestGrad = largestOf(grads); // as drawn: the scale stays when numbers change
    this.largestFlow = largestOf(picture.lines.map((line) => this.flow(line, grads)));
  }

  set(element, attribute, value) {
    const known = this.painted.get(element) ?? this.painted.set(element, {}).get(element);
    if (known[attribute] === value) return;
    known[attribute] = value;
    if (attribute === "text") element.textContent = value;
    else element.setAttribute(attribute, value);
  }

  // What a line carries: local derivative × gradient, over all the uses that it stands for.
  flow(line, grads) {
    return line.uses.reduce((sum, [place, slot]) => {
      const grad = grads[place];
      return sum + (grad === 0 ? 0 : this.steps.local[place][slot] * grad);
    }, 0);
  }

  paint(state) {
    for (const card of this.picture.cards.values()) if (card.rows) this.card(card, state);
    for (const step of this.picture.inner) this.inner(step, state);
    for (const line of this.picture.lines) if (line.uses.length) this.line(line, state);
  }

  card(card, state) {
    const { rows: [data, grad], places, shape } = card;
    const known = places.filter((place) => place < state.known);
    const all = [known.map((place) => this.steps.data[place]), known.map((place) => state.grads[place])];
    const [x, g] = card.group ? [null, all[1].reduce((most, y) => size(y ?? 0) > size(most ?? 0) ? y : most, null)]
      : all.map(([only]) => only ?? null);
    const anyBroken = all.some((numbers) => numbers.some(broken));
    this.set(data, "text", card.group ? span(all[0]) : number(x));
    this.set(grad, "text", card.group ? span(all[1]) : number(g));
    if (!card.group) {
      this.set(data, "fill", inkOf(x));
      this.set(grad, "fill", inkOf(g));
    }
    this.set(shape, "fill", rgb(fillOf(g, this.largestGrad)));
    if (card.inTable) {
      this.set(card.inTable.data, "text", number(x));
      this.set(card.inTable.grad, "text", number(g));
      this.set(card.inTable.shape, "fill", rgb(fillOf(g, this.largestGrad)));
    }
    if (anyBroken || card.key !== this.picture.shown.root) this.set(shape, "stroke", anyBroken ? rgb(COLOURS.BROKEN) : strokeOf(g));
    this.set(card.element, "aria-label", `${card.label}: data ${data.textContent}, grad ${grad.textContent}`);
  }

  // As it was drawn, which the page cannot compute with other numbers.
  inner({ place, data, grad, shape, drawn }, state) {
    const has = place < state.known && !this.steps.changed, fired = this.steps.hasFired(place, state) && has;
    this.set(data, "text", has ? drawn[0] : number(null));
    this.set(grad, "text", fired ? drawn[1] : number(null));
    this.set(shape, "fill", fired ? drawn[2] : rgb(COLOURS.WHITE));
  }

  line(line, state) {
    const { steps } = this, { uses, path, arrow, pill, words } = line;
    const made = uses.some(([place]) => place < state.known);
    const flow = uses.some(([place]) => steps.hasFired(place, state)) ? this.flow(line, state.grads) : null;
    const [thin, thick] = this.picture.shown.widths;
    const share = flow !== null && Number.isFinite(flow) ? strength(flow, this.largestFlow) : 0;
    this.set(path, "stroke", rgb(lineOf(flow)));
    this.set(path, "stroke-width", (thin + (thick - thin) * share).toFixed(2));
    this.set(arrow, "fill", rgb(lineOf(flow)));
    this.set(pill, "stroke", rgb(lineOf(flow)));
    if (uses.length > 1) return;
    const [[place, slot]] = uses, local = made ? steps.local[place][slot] : null;
    this.set(words, "text", number(local));
    this.set(words, "fill", inkOf(local));
  }
}
