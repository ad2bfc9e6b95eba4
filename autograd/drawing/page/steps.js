// Steps: the forward pass, the seed and the backward pass, computed as autograd/steps.py does.

class Steps {
  constructor(graph) {
    this.names = graph.names;
    this.kinds = graph.kind.map((kind) => graph.kinds[kind]); // operation, formula, is it in the table?
    this.operands = graph.operands.map((all) => all.map((x) => Array.isArray(x) ? Number(x[0]) : { place: x }));
    this.parents = this.operands.map((all, place) =>
      graph.parents && graph.parents[place] || all.filter((x) => x.place !== undefined).map((x) => x.place));
    this.recorded = { data: graph.data.map(Number), local: graph.local.map((all) => all.map(Number)) };
    this.count = this.names.length;
    this.last = this.count - 1;
    this.firing = this.parents.map((_, place) => place).filter((place) => this.parents[place].length).reverse();
    this.rank = new Map(this.firing.map((place, rank) => [place, rank]));
    this.length = this.count + 1 + this.firing.length;
    this.users = this.names.map(() => []); // of each node, the uses in the order they fire
    for (const place of this.firing)
      this.parents[place].forEach((parent, slot) => this.users[parent].push([place, slot]));
    this.restore();
  }

  restore() {
    this.data = [...this.recorded.data];
    this.local = this.recorded.local.map((all) => [...all]);
    this.changed = false;
  }

  op(place) { return this.kinds[place][0]; }

  // What a node adds to its parents, one use after the other; `grads` are as they were before.
  additions(place, grads) {
    return this.parents[place].map((parent, slot) => {
      const local = this.local[place][slot], grad = grads[place], before = grads[parent];
      const product = grad === 0 ? 0 : local * grad; // not even 0 × ∞, which would be nan
      const after = grads[parent] = (before ?? 0) + product;
      return { parent, slot, local, grad, product, before, after };
    });
  }

  // What there is after so many steps.
  at(position) {
    const grads = new Array(this.count).fill(null), fired = Math.max(0, position - this.count - 1);
    const state = { position, known: Math.min(position, this.count), fired, grads, additions: [] };
    if (position > this.count) grads[this.last] = 1;
    for (let i = 0; i < fired; i++) state.additions = this.additions(this.firing[i], grads);
    state.kind = position === 0 ? "start" : position <= this.count ? "forward" : fired ? "backward" : "seed";
    state.place = { start: -1, forward: position - 1, seed: this.last, backward: this.firing[fired - 1] }[state.kind];
    return state;
  }

  hasFired(place, state) { return this.rank.get(place) < state.fired; }

  // -- in words ----------------------------------------------------------------------------

  symbols(place) {
    return filled(this.kinds[place][1], (k) => this.names[this.operands[place][k].place]);
  }

  numbers(place) {
    return filled(this.kinds[place][1], (k, least) => inside(this.data[this.operands[place][k].place], least));
  }

  forward(place) {
    return [this.names[place], this.symbols(place), this.numbers(place), number(this.data[place])]
      .filter(Boolean).join(" = ");
  }

  towards(place) { return partial(this.names[this.last], this.names[place]); }

  addition(place, { parent, local, grad, product, before, after }) {
    const name = this.names[parent], sum = `${number(before)} + ${inside(product)} = ${number(after)}`;
    const symbols = `${this.towards(parent)} += ${partial(this.names[place], name)} · ${this.towards(place)}`;
    const numbers = `${number(local)} × ${number(grad)} = ${number(product)}`;
    return [symbols, before === null ? numbers : `${numbers}, now ${sum}`];
  }

  // The lines that say what a step does: each in symbols and in numbers.
  lines(state) {
    const { kind, place } = state, name = this.names[place];
    if (kind === "forward") return [[this.forward(place), ""]];
    if (kind === "seed") return [[this.towards(place), "1"]];
    return state.additions.map((addition) => this.addition(place, addition));
  }

  // -- with other numbers ------------------------------------------------------------------

  // Why a leaf cannot be changed here: a node that depends on it and has no rule in the page.
  obstacle(leaf) {
    const met = new Set([leaf]);
    for (let place = leaf + 1; place < this.count; place++) {
      if (!this.parents[place].some((parent) => met.has(parent))) continue;
      if (!this.kinds[place][2]) return place;
      met.add(place);
    }
    return null;
  }

  // Another number for a leaf, and all that depends on it computed anew.
  change(leaf, x) {
    const dirty = new Set([leaf]);
    this.data[leaf] = x;
    this.changed = true;
    for (let place = leaf + 1; place < this.count; place++) {
      if (!this.parents[place].some((parent) => dirty.has(parent))) continue;
      dirty.add(place);
      const operands = this.operands[place];
      const [out, locals] = kernels[this.op(place)](operands.map((x) => x.place === undefined ? x : this.data[x.place]));
      this.data[place] = out;
      this.local[place] = locals.filter((_, k) => operands[k].place !== undefined);
    }
  }
}
